/** Sign up or log in. */
import { type FormEvent, useState } from "react";

import { LogInDocument, SignUpDocument, type SkillLevel } from "@tandem/schema";

import { explain, refusalOf, tokens, visitorHttp } from "../api";

/** The address stays while one logs in, so that a link of an invitation still leads there. */
function isInvited(): boolean {
  return /^#\/(join|watch)\//.test(location.hash);
}

export function EnterPage() {
  const [isNew, setNew] = useState(true);
  const [problem, setProblem] = useState<string | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [email, password] = [String(form.get("email")), String(form.get("password"))];
    setBusy(true);
    setProblem(null);
    try {
      const answer = isNew
        ? (
            await visitorHttp.request(SignUpDocument, {
              input: { email, password, name: String(form.get("name")), selfAssessment: String(form.get("level")) as SkillLevel },
            })
          ).signUp
        : (await visitorHttp.request(LogInDocument, { input: { email, password } })).logIn;
      if (answer.__typename === "AuthPayload") tokens.set(answer);
      else if (answer.__typename === "CheckYourMail") setNote(answer.message);
      else setProblem(refusalOf(answer));
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="enter">
      <section className="pitch">
        <h1>Practise interviews, two by two.</h1>
        <p>Choose what to practise, get a partner at your level, and solve a problem together in one editor.</p>
      </section>
      <form className="card" onSubmit={(event) => void submit(event)} aria-label={isNew ? "Sign up" : "Log in"}>
        <div className="tabs" role="tablist">
          {[true, false].map((value) => (
            <button key={String(value)} type="button" role="tab" aria-selected={isNew === value} onClick={() => setNew(value)}>
              {value ? "Sign up" : "Log in"}
            </button>
          ))}
        </div>
        {isNew && (
          <label>
            Name
            <input name="name" required maxLength={80} autoComplete="nickname" />
          </label>
        )}
        <label>
          E-mail
          <input name="email" type="email" required autoComplete="username" />
        </label>
        <label>
          Password
          <input name="password" type="password" required minLength={isNew ? 8 : 1} autoComplete={isNew ? "new-password" : "current-password"} />
        </label>
        {isNew && (
          <label>
            Your level, as you see it
            <select name="level" defaultValue="BEGINNER">
              <option value="BEGINNER">Beginner</option>
              <option value="INTERMEDIATE">Intermediate</option>
              <option value="ADVANCED">Advanced</option>
            </select>
          </label>
        )}
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        {note && <p role="status">{note}</p>}
        {isInvited() && <p className="note">You were invited: log in or sign up, and you go on from there.</p>}
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? "One moment…" : isNew ? "Create my account" : "Let me in"}
        </button>
      </form>
    </main>
  );
}
