/** CodeMirror on the session's Y.Text, with the cursors and names of the others. */
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { cpp } from "@codemirror/lang-cpp";
import { java } from "@codemirror/lang-java";
import { javascript } from "@codemirror/lang-javascript";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Language } from "@tandem/schema";
import type { SessionProvider } from "@tandem/yjs";
import { useEffect, useRef } from "react";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import { UndoManager } from "yjs";

import { LANGUAGES } from "../words";
import type { RoomEvent } from "./useRoom";

/** What may come in at once: more is no code that two people look at, and fills the session. */
const MAX_INSERTED = 500_000; // UTF-16 units
const TOO_MUCH = "That is more than half a million characters: too much for one session. Nothing was inserted.";

const SYNTAX: Record<Language, () => Extension> = { PYTHON: python, JAVASCRIPT: javascript, JAVA: java, CPP: cpp, C: cpp };

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.definition(tags.variableName)], color: "var(--code-function)" },
  { tag: [tags.typeName, tags.className], color: "var(--code-type)" },
]);

interface EditorProps {
  readonly provider: SessionProvider<RoomEvent>;
  readonly textName: string;
  readonly language: Language;
  readonly isReadOnly: boolean;
  readonly me: { readonly name: string; readonly color: string };
  /** Something the person should know. */
  readonly onNote: (note: string) => void;
}

export function Editor({ provider, textName, language, isReadOnly, me, onNote }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    provider.awareness.setLocalStateField("user", { name: me.name, color: me.color, colorLight: `${me.color}33` });
  }, [provider, me.name, me.color]);

  useEffect(() => {
    if (!place.current) return;
    const text = provider.doc.getText(textName);
    const undoManager = new UndoManager(text);
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: text.toString(),
        extensions: [
          lineNumbers(),
          highlightSpecialChars(),
          drawSelection(),
          highlightActiveLine(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          indentUnit.of(language === "PYTHON" ? "    " : "  "),
          // Escape then Tab leaves the editor, for those who move by keyboard.
          keymap.of([...closeBracketsKeymap, ...yUndoManagerKeymap, ...defaultKeymap, indentWithTab]),
          syntaxHighlighting(COLOURS),
          SYNTAX[language](),
          yCollab(text, provider.awareness, { undoManager }),
          EditorState.readOnly.of(isReadOnly),
          EditorView.editable.of(!isReadOnly),
          // A long line scrolls by keyboard only where the code can have the focus, also when it is read-only.
          EditorView.contentAttributes.of({ "aria-label": `Code in ${LANGUAGES[language]}`, tabindex: "0" }),
          EditorState.changeFilter.of((change) => {
            if (change.newDoc.length - change.startState.doc.length <= MAX_INSERTED) return true;
            onNote(TOO_MUCH);
            return false;
          }),
        ],
      }),
    });
    return () => {
      view.destroy();
      undoManager.destroy();
    };
  }, [provider, textName, language, isReadOnly, onNote]);

  return <div className="editor" ref={place} />;
}
