/** Question statements from Markdown to elements: the blocks and marks that statements use, never HTML. */
import type { ReactNode } from "react";

type Heading = "h2" | "h3";

export function Markdown({ text, heading }: { readonly text: string; readonly heading: Heading }) {
  return <div className="markdown">{blocksOf(text.replace(/\r\n?/g, "\n").split("\n"), heading)}</div>;
}

function blocksOf(lines: readonly string[], Title: Heading): ReactNode[] {
  const blocks: ReactNode[] = [];
  let index = 0;
  const takeWhile = (matches: (line: string) => boolean): string[] => {
    const start = index;
    while (index < lines.length && matches(lines[index] as string)) index += 1;
    return lines.slice(start, index);
  };
  while (index < lines.length) {
    const line = lines[index] as string;
    const key = index;
    if (line.trim() === "") {
      index += 1;
    } else if (line.startsWith("```")) {
      index += 1;
      const code = takeWhile((each) => !each.startsWith("```"));
      index += 1;
      blocks.push(<pre key={key}>{code.join("\n")}</pre>);
    } else if (/^#{1,6} /.test(line)) {
      index += 1;
      blocks.push(<Title key={key}>{inline(line.replace(/^#+ /, ""))}</Title>);
    } else if (/^\s*[-*] /.test(line)) {
      const items = takeWhile((each) => /^\s*[-*] |^ {2,}\S/.test(each));
      blocks.push(<ul key={key}>{itemsOf(items, /^\s*[-*] /)}</ul>);
    } else if (/^\s*\d+[.)] /.test(line)) {
      const items = takeWhile((each) => /^\s*\d+[.)] |^ {2,}\S/.test(each));
      blocks.push(<ol key={key}>{itemsOf(items, /^\s*\d+[.)] /)}</ol>);
    } else if (line.startsWith("|")) {
      blocks.push(<Table key={key} rows={takeWhile((each) => each.startsWith("|"))} />);
    } else if (line.startsWith("> ")) {
      const quoted = takeWhile((each) => each.startsWith(">"));
      blocks.push(<blockquote key={key}>{inline(quoted.map((each) => each.replace(/^> ?/, "")).join(" "))}</blockquote>);
    } else {
      const isText = (each: string): boolean => each.trim() !== "" && !/^(```|#{1,6} |\s*[-*] |\||> )/.test(each);
      const paragraph = takeWhile(isText);
      if (paragraph.length === 0) paragraph.push(lines[index++] as string);
      blocks.push(<p key={key}>{inline(paragraph.join(" "))}</p>);
    }
  }
  return blocks;
}

function itemsOf(lines: readonly string[], mark: RegExp): ReactNode[] {
  const items: string[] = [];
  for (const line of lines) {
    if (mark.test(line) || items.length === 0) items.push(line.replace(mark, ""));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return items.map((item, index) => <li key={index}>{inline(item)}</li>);
}

function Table({ rows }: { readonly rows: readonly string[] }) {
  const cells = rows.filter((row) => !/^\|[\s:|-]+\|?$/.test(row)).map((row) => row.replace(/^\||\|$/g, "").split("|"));
  const [head, ...body] = cells;
  return (
    <table>
      <thead>
        <tr>{head?.map((cell, index) => <th key={index}>{inline(cell.trim())}</th>)}</tr>
      </thead>
      <tbody>
        {body.map((row, number) => (
          <tr key={number}>{row.map((cell, index) => <td key={index}>{inline(cell.trim())}</td>)}</tr>
        ))}
      </tbody>
    </table>
  );
}

const MARKS = /(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|_[^_\s][^_]*_(?!\w)|\[[^\]]+\]\(https?:[^)\s]+\))/;

/** Code, bold, emphasis and links within a line. */
export function inline(text: string): ReactNode[] {
  return text.split(MARKS).map((part, index) => {
    if (index % 2 === 0) return part;
    if (part.startsWith("`")) return <code key={index}>{part.slice(1, -1)}</code>;
    if (part.startsWith("**")) return <strong key={index}>{inline(part.slice(2, -2))}</strong>;
    if (part.startsWith("[")) {
      const [, label, address] = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part) ?? [];
      return (
        <a key={index} href={address} rel="noreferrer" target="_blank">
          {label}
        </a>
      );
    }
    return <em key={index}>{part.slice(1, -1)}</em>;
  });
}
