// Runs inside the sandbox: JSON to C++ values and back, and the loop that calls the solution for each case.
#pragma once
#include <bits/stdc++.h>
#include <unistd.h>

namespace tandem_judge {

struct Value {
    char kind = 'n';  // n null, b bool, i integer, d double, s string, a array, o object
    bool boolean = false;
    long long integer = 0;
    double number = 0;
    std::string text;
    std::vector<Value> items;
    std::vector<std::pair<std::string, Value>> members;
};

class Parser {
    const char *at, *end;

    [[noreturn]] static void fail() { throw std::runtime_error("a case is not what the signature says"); }
    void skip() { while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at; }
    static void utf8(std::string &out, unsigned code) {
        if (code < 0x80) out += char(code);
        else if (code < 0x800) { out += char(0xC0 | code >> 6); out += char(0x80 | (code & 63)); }
        else if (code < 0x10000) { out += char(0xE0 | code >> 12); out += char(0x80 | (code >> 6 & 63)); out += char(0x80 | (code & 63)); }
        else { out += char(0xF0 | code >> 18); out += char(0x80 | (code >> 12 & 63)); out += char(0x80 | (code >> 6 & 63)); out += char(0x80 | (code & 63)); }
    }
    unsigned hex4() {
        if (end - at < 4) fail();
        unsigned code = unsigned(std::stoul(std::string(at, at + 4), nullptr, 16));
        at += 4;
        return code;
    }
    std::string string() {
        std::string out;
        ++at;
        while (at < end && *at != '"') {
            if (*at != '\\') { out += *at++; continue; }
            ++at;
            char c = *at++;
            switch (c) {
                case 'n': out += '\n'; break;
                case 't': out += '\t'; break;
                case 'r': out += '\r'; break;
                case 'b': out += '\b'; break;
                case 'f': out += '\f'; break;
                case 'u': {
                    unsigned code = hex4();
                    if (code >= 0xD800 && code < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
                        at += 2;
                        code = 0x10000 + ((code - 0xD800) << 10) + (hex4() - 0xDC00);
                    }
                    utf8(out, code);
                    break;
                }
                default: out += c;
            }
        }
        if (at == end) fail();
        ++at;
        return out;
    }

  public:
    Parser(const char *begin, const char *finish) : at(begin), end(finish) {}

    Value value() {
        skip();
        if (at == end) fail();
        Value v;
        if (*at == '[') {
            v.kind = 'a';
            ++at; skip();
            while (at < end && *at != ']') { v.items.push_back(value()); skip(); if (at < end && *at == ',') { ++at; skip(); } }
            ++at;
        } else if (*at == '{') {
            v.kind = 'o';
            ++at; skip();
            while (at < end && *at != '}') {
                std::string key = string();
                skip(); ++at;
                v.members.emplace_back(std::move(key), value());
                skip(); if (at < end && *at == ',') { ++at; skip(); }
            }
            ++at;
        } else if (*at == '"') { v.kind = 's'; v.text = string(); }
        else if (*at == 't') { v.kind = 'b'; v.boolean = true; at += 4; }
        else if (*at == 'f') { v.kind = 'b'; at += 5; }
        else if (*at == 'n') { at += 4; }
        else {
            const char *start = at;
            while (at < end && (isdigit((unsigned char)*at) || strchr("+-.eE", *at))) ++at;
            if (at == start) fail();
            std::string digits(start, at);
            bool whole = digits.find_first_of(".eE") == std::string::npos;
            v.kind = whole ? 'i' : 'd';
            v.number = std::strtod(digits.c_str(), nullptr);
            v.integer = whole ? std::strtoll(digits.c_str(), nullptr, 10) : (long long)v.number;
        }
        return v;
    }
};

template <class T> struct Read;
template <> struct Read<int> { static int from(const Value &v) { return int(v.integer); } };
template <> struct Read<long long> { static long long from(const Value &v) { return v.integer; } };
template <> struct Read<double> { static double from(const Value &v) { return v.number; } };
template <> struct Read<bool> { static bool from(const Value &v) { return v.boolean; } };
template <> struct Read<std::string> { static std::string from(const Value &v) { return v.text; } };
template <class T> struct Read<std::vector<T>> {
    static std::vector<T> from(const Value &v) {
        std::vector<T> out;
        out.reserve(v.items.size());
        for (auto &item : v.items) out.push_back(Read<T>::from(item));
        return out;
    }
};
template <class T> struct Read<std::optional<T>> {
    static std::optional<T> from(const Value &v) { if (v.kind == 'n') return std::nullopt; return Read<T>::from(v); }
};
template <class T> struct Read<std::map<std::string, T>> {
    static std::map<std::string, T> from(const Value &v) {
        std::map<std::string, T> out;
        for (auto &member : v.members) out[member.first] = Read<T>::from(member.second);
        return out;
    }
};

inline void write(std::string &out, bool v) { out += v ? "true" : "false"; }
inline void write(std::string &out, int v) { out += std::to_string(v); }
inline void write(std::string &out, long v) { out += std::to_string(v); }
inline void write(std::string &out, long long v) { out += std::to_string(v); }
inline void write(std::string &out, unsigned v) { out += std::to_string(v); }
inline void write(std::string &out, unsigned long v) { out += std::to_string(v); }
inline void write(std::string &out, unsigned long long v) { out += std::to_string(v); }
inline void write(std::string &out, double v) {
    if (!std::isfinite(v)) { out += "NaN"; return; }
    char text[40];
    snprintf(text, sizeof text, "%.17g", v);
    out += text;
}
inline void write(std::string &out, const std::string &v) {
    out += '"';
    for (unsigned char c : v) {
        if (c == '"' || c == '\\') { out += '\\'; out += char(c); }
        else if (c < 0x20) { char text[8]; snprintf(text, sizeof text, "\\u%04x", c); out += text; }
        else out += char(c);
    }
    out += '"';
}
inline void write(std::string &out, const char *v) { write(out, std::string(v)); }
inline void write(std::string &out, char v) { write(out, std::string(1, v)); }
template <class T> void write(std::string &out, const std::vector<T> &v);
template <class T> void write(std::string &out, const std::optional<T> &v);
template <class T> void write(std::string &out, const std::map<std::string, T> &v);
template <class T> void write(std::string &out, const std::unordered_map<std::string, T> &v);
template <class T> void write_members(std::string &out, const T &v) {
    out += '{';
    bool first = true;
    for (auto &member : v) { if (!first) out += ','; first = false; write(out, member.first); out += ':'; write(out, member.second); }
    out += '}';
}
template <class T> void write(std::string &out, const std::vector<T> &v) {
    out += '[';
    for (size_t i = 0; i < v.size(); ++i) { if (i) out += ','; write(out, static_cast<const T &>(v[i])); }
    out += ']';
}
template <class T> void write(std::string &out, const std::optional<T> &v) { if (v) write(out, *v); else out += "null"; }
template <class T> void write(std::string &out, const std::map<std::string, T> &v) { write_members(out, v); }
template <class T> void write(std::string &out, const std::unordered_map<std::string, T> &v) { write_members(out, v); }

inline void answer(int fd, const std::string &nonce, const char *kind, const std::string &payload) {
    std::cout.flush(); std::cerr.flush(); fflush(stdout); fflush(stderr);
    std::string line = nonce + "\t" + kind + "\t" + payload + "\n";
    for (size_t done = 0; done < line.size();) {
        ssize_t count = ::write(fd, line.data() + done, line.size() - done);
        if (count <= 0) _exit(3);
        done += size_t(count);
    }
}

template <class Call> int serve(char **argv, Call call) {
    FILE *cases = fdopen(atoi(argv[1]), "r");
    int results = atoi(argv[2]);
    char *line = nullptr;
    size_t size = 0;
    ssize_t length = getline(&line, &size, cases);
    if (length < 0) return 3;
    answer(results, std::string(line, size_t(strchr(line, '\t') - line)), "ready", "");
    while ((length = getline(&line, &size, cases)) >= 0) {
        const char *tab = strchr(line, '\t');
        std::string nonce(line, size_t(tab - line)), out;
        try {
            Value args = Parser(tab + 1, line + length).value();
            call(args.items, out);
            answer(results, nonce, "result", out);
        } catch (const std::bad_alloc &) {
            answer(results, nonce, "raised", "MemoryError");
        } catch (const std::exception &error) {
            std::cerr << "exception: " << error.what() << std::endl;
            answer(results, nonce, "raised", "exception");
        } catch (...) {
            std::cerr << "exception" << std::endl;
            answer(results, nonce, "raised", "exception");
        }
    }
    return 0;
}

}  // namespace tandem_judge
