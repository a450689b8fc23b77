// Runs inside the sandbox: JSON to the plain values of C and back. What is handed to a solution is its own to change or to free.
#pragma once

namespace tandem_judge {

template <class T> T *c_memory(size_t count) {
    void *memory = malloc(count ? count * sizeof(T) : 1);
    if (!memory) throw std::bad_alloc();
    return static_cast<T *>(memory);
}

template <class T> T c_value(const Value &v) { return Read<T>::from(v); }
template <> inline char *c_value<char *>(const Value &v) {
    char *text = c_memory<char>(v.text.size() + 1);
    memcpy(text, v.text.c_str(), v.text.size() + 1);
    return text;
}

template <class T> struct Array { T *data; int size; };
template <class T> Array<T> c_array(const Value &v) {
    Array<T> out{c_memory<T>(v.items.size()), int(v.items.size())};
    for (int i = 0; i < out.size; ++i) out.data[i] = c_value<T>(v.items[size_t(i)]);
    return out;
}

template <class T> struct Rows { T **data; int size; int *columns; };
template <class T> Rows<T> c_rows(const Value &v) {
    size_t count = v.items.size();
    Rows<T> out{c_memory<T *>(count), int(count), c_memory<int>(count)};
    for (int i = 0; i < out.size; ++i) {
        Array<T> row = c_array<T>(v.items[size_t(i)]);
        out.data[i] = row.data;
        out.columns[i] = row.size;
    }
    return out;
}

template <class T> void write_value(std::string &out, T v) { write(out, v); }
inline void write_value(std::string &out, char *v) {
    if (!v) throw std::runtime_error("the function returned NULL instead of a string");
    write(out, std::string(v));
}
template <class T> void write_array(std::string &out, T *v, int size) {
    if (size < 0) throw std::runtime_error("returnSize is below zero");
    if (!v && size > 0) throw std::runtime_error("the function returned NULL with a returnSize above zero");
    out += '[';
    for (int i = 0; i < size; ++i) { if (i) out += ','; write_value(out, v[i]); }
    out += ']';
}
template <class T> void write_rows(std::string &out, T **v, int size, int *columns) {
    if (size < 0) throw std::runtime_error("returnSize is below zero");
    if ((!v || !columns) && size > 0) throw std::runtime_error("the answer or returnColumnSizes is NULL with a returnSize above zero");
    out += '[';
    for (int i = 0; i < size; ++i) { if (i) out += ','; write_array(out, v[i], columns[i]); }
    out += ']';
}

}  // namespace tandem_judge
