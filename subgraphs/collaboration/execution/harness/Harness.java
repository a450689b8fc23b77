// Runs inside the sandbox: JSON to Java values by the parameter types of the solution and back, and the loop that calls it for each case.
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class Harness {
    private static String text;
    private static int at;
    private static OutputStream results;

    public static void main(String[] argv) throws Exception {
        Constructor<FileDescriptor> open = FileDescriptor.class.getDeclaredConstructor(int.class);
        open.setAccessible(true);
        var cases = new BufferedReader(new InputStreamReader(
            new FileInputStream(open.newInstance(Integer.parseInt(argv[0]))), StandardCharsets.UTF_8));
        results = new FileOutputStream(open.newInstance(Integer.parseInt(argv[1])));
        String[] hello = cases.readLine().split("\t");
        Object solution;
        Method method = null;
        try {
            Class<?> type = Class.forName("Solution");
            for (Method candidate : type.getDeclaredMethods())
                if (candidate.getName().equals(hello[1]) && !candidate.isSynthetic()) method = candidate;
            if (method == null) {
                answer(hello[0], "missing", "");
                return;
            }
            method.setAccessible(true);
            Constructor<?> make = type.getDeclaredConstructor();
            make.setAccessible(true);
            solution = make.newInstance();
        } catch (ClassNotFoundException error) {
            answer(hello[0], "missing", "");
            return;
        } catch (Throwable error) {
            raised(hello[0], error);
            return;
        }
        answer(hello[0], "ready", "");
        Type[] types = method.getGenericParameterTypes();
        for (String line = cases.readLine(); line != null; line = cases.readLine()) {
            int tab = line.indexOf('\t');
            String nonce = line.substring(0, tab);
            try {
                text = line.substring(tab + 1);
                at = 0;
                List<?> given = (List<?>) parse();
                Object[] args = new Object[types.length];
                for (int i = 0; i < args.length; i++) args[i] = convert(given.get(i), types[i]);
                StringBuilder out = new StringBuilder();
                write(out, method.invoke(solution, args));
                answer(nonce, "result", out.toString());
            } catch (InvocationTargetException error) {
                raised(nonce, error.getCause());
            } catch (Throwable error) {
                raised(nonce, error);
            }
        }
    }

    private static void raised(String nonce, Throwable error) throws Exception {
        try {
            error.printStackTrace();
        } catch (Throwable ignored) {
        }
        answer(nonce, "raised", error instanceof OutOfMemoryError ? "MemoryError" : error.getClass().getSimpleName());
    }

    private static void answer(String nonce, String kind, String payload) throws Exception {
        System.out.flush();
        System.err.flush();
        results.write((nonce + "\t" + kind + "\t" + payload + "\n").getBytes(StandardCharsets.UTF_8));
        results.flush();
    }

    private static Object convert(Object value, Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] inner = generic.getActualTypeArguments();
            if (value instanceof Map<?, ?> map) {
                Map<String, Object> out = new LinkedHashMap<>();
                map.forEach((key, item) -> out.put((String) key, convert(item, inner[1])));
                return out;
            }
            List<Object> out = new ArrayList<>();
            if (value == null) return null;
            for (Object item : (List<?>) value) out.add(convert(item, inner[0]));
            return out;
        }
        if (value == null) return null;
        if (type instanceof Class<?> plain) {
            if (plain.isArray()) {
                List<?> items = (List<?>) value;
                Object out = Array.newInstance(plain.getComponentType(), items.size());
                for (int i = 0; i < items.size(); i++) Array.set(out, i, convert(items.get(i), plain.getComponentType()));
                return out;
            }
            if (value instanceof Number number) {
                if (plain == int.class || plain == Integer.class) return number.intValue();
                if (plain == long.class || plain == Long.class) return number.longValue();
                if (plain == double.class || plain == Double.class) return number.doubleValue();
            }
        } else {
            List<?> items = (List<?>) value;
            Type component = ((java.lang.reflect.GenericArrayType) type).getGenericComponentType();
            Object out = Array.newInstance((Class<?>) ((ParameterizedType) component).getRawType(), items.size());
            for (int i = 0; i < items.size(); i++) Array.set(out, i, convert(items.get(i), component));
            return out;
        }
        return value;
    }

    private static void write(StringBuilder out, Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number) {
            out.append(value);
        } else if (value instanceof Map<?, ?> map) {
            out.append('{');
            String separator = "";
            for (var entry : map.entrySet()) {
                out.append(separator);
                write(out, String.valueOf(entry.getKey()));
                out.append(':');
                write(out, entry.getValue());
                separator = ",";
            }
            out.append('}');
        } else if (value instanceof Collection<?> items) {
            out.append('[');
            String separator = "";
            for (Object item : items) {
                out.append(separator);
                write(out, item);
                separator = ",";
            }
            out.append(']');
        } else if (value.getClass().isArray()) {
            out.append('[');
            for (int i = 0; i < Array.getLength(value); i++) {
                if (i > 0) out.append(',');
                write(out, Array.get(value, i));
            }
            out.append(']');
        } else {
            String string = value.toString();
            out.append('"');
            for (int i = 0; i < string.length(); i++) {
                char c = string.charAt(i);
                if (c == '"' || c == '\\') out.append('\\').append(c);
                else if (c < 0x20 || Character.isSurrogate(c)) out.append(String.format("\\u%04x", (int) c));
                else out.append(c);
            }
            out.append('"');
        }
    }

    private static void skip() {
        while (at < text.length() && text.charAt(at) <= ' ') at++;
    }

    private static Object parse() {
        skip();
        char c = text.charAt(at);
        if (c == '[') {
            List<Object> out = new ArrayList<>();
            at++;
            for (skip(); text.charAt(at) != ']'; skip()) {
                out.add(parse());
                skip();
                if (text.charAt(at) == ',') at++;
            }
            at++;
            return out;
        }
        if (c == '{') {
            Map<String, Object> out = new LinkedHashMap<>();
            at++;
            for (skip(); text.charAt(at) != '}'; skip()) {
                String key = string();
                skip();
                at++;
                out.put(key, parse());
                skip();
                if (text.charAt(at) == ',') at++;
            }
            at++;
            return out;
        }
        if (c == '"') return string();
        if (text.startsWith("true", at)) { at += 4; return true; }
        if (text.startsWith("false", at)) { at += 5; return false; }
        if (text.startsWith("null", at)) { at += 4; return null; }
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
        String digits = text.substring(start, at);
        if (digits.matches("-?\\d+")) return Long.parseLong(digits);
        return Double.parseDouble(digits);
    }

    private static String string() {
        StringBuilder out = new StringBuilder();
        at++;
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            c = text.charAt(at++);
            switch (c) {
                case 'n' -> out.append('\n');
                case 't' -> out.append('\t');
                case 'r' -> out.append('\r');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'u' -> {
                    out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                }
                default -> out.append(c);
            }
        }
        at++;
        return out.toString();
    }
}
