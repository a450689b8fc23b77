/** The bar above GraphiQL: who is logged in, and example operations of every capability. */
import { useGraphiQL } from "@graphiql/react";
import { useState } from "react";

import { type Example, EXAMPLES } from "./examples";
import { logIn, logOut, nameOfLastLogIn, signUpSomebody } from "./session";

export function Toolbar({ onShow }: { readonly onShow: (example: Example) => void }) {
  const groups = [...new Set(EXAMPLES.map((example) => example.group))];
  return (
    <header className="bar">
      <strong className="brand">Tandem</strong>
      <label>
        <span className="hidden">Example operations</span>
        <select
          value=""
          onChange={(event) => {
            const example = EXAMPLES[Number(event.target.value)];
            if (example) onShow(example);
          }}
        >
          <option value="">Examples…</option>
          {groups.map((group) => (
            <optgroup key={group} label={group}>
              {EXAMPLES.map((example, index) =>
                example.group === group ? (
                  <option key={example.title} value={index}>
                    {example.title}
                  </option>
                ) : null,
              )}
            </optgroup>
          ))}
        </select>
      </label>
      <span className="grow" />
      <LogIn />
    </header>
  );
}

function LogIn() {
  const [name, setName] = useState(nameOfLastLogIn);
  const [problem, setProblem] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const run = (work: Promise<string>): void => {
    setProblem(null);
    work.then(
      (who) => {
        setName(who);
        setOpen(false);
      },
      (error: Error) => setProblem(error.message),
    );
  };
  if (name) {
    return (
      <>
        <span>
          Logged in as <b>{name}</b>
        </span>
        <button type="button" onClick={() => (logOut(), setName(null))}>
          Log out
        </button>
      </>
    );
  }
  return (
    <>
      {problem && (
        <span role="alert" className="problem">
          {problem}
        </span>
      )}
      {isOpen && (
        <form
          className="login"
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            run(logIn(String(form.get("email")), String(form.get("password"))));
          }}
        >
          <input name="email" type="email" required placeholder="E-mail" aria-label="E-mail" autoComplete="username" />
          <input name="password" type="password" required placeholder="Password" aria-label="Password" autoComplete="current-password" />
          <button type="submit">Log in</button>
        </form>
      )}
      {!isOpen && (
        <button type="button" onClick={() => setOpen(true)}>
          Log in…
        </button>
      )}
      <button type="button" className="primary" onClick={() => run(signUpSomebody())}>
        Be somebody new
      </button>
    </>
  );
}

/** Puts an example into the editors of the tab that is open; rendered inside GraphiQL, where they can be reached. */
export function useShowExample(): (example: Example) => void {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  return (example) => {
    queryEditor?.setValue(example.query.trim());
    variableEditor?.setValue(example.variables ? JSON.stringify(example.variables, null, 2) : "");
  };
}
