/** Feedback after a session: each says something of the other, and sees what was said when both have. */
import { FeedbackOfDocument, type FeedbackPartsFragment, GiveFeedbackDocument } from "@tandem/schema";
import { type FormEvent, useState } from "react";

import { explain, http, refusalOf, useQuery } from "../api";

/** The axes of the rubric, as the server names them. */
const AXES: Record<string, string> = { framing: "Framing", trade_offs: "Trade-offs", correctness: "Correctness", code_quality: "Code quality", communication: "Communication" };
const SCORES = ["1 weak", "2", "3 solid", "4", "5 strong"];

export function Feedback({ sessionId }: { readonly sessionId: string }) {
  const { data, problem, reload } = useQuery(FeedbackOfDocument, { id: sessionId });
  if (problem) return <p className="problem">{problem}</p>;
  if (!data) return null;
  const { given, received } = data.session.feedback;
  return (
    <section className="feedback" aria-label="Feedback">
      <h2>How was it?</h2>
      {given ? <Said title="You said" feedback={given} /> : <Give sessionId={sessionId} onDone={reload} />}
      {received ? (
        <Said title={`${received.author.name} said`} feedback={received} />
      ) : (
        <p className="quiet">What is said of you is shown when both of you have spoken, or after 24 hours.</p>
      )}
    </section>
  );
}

function Give({ sessionId, onDone }: { readonly sessionId: string; readonly onDone: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [rating, setRating] = useState(0);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = { sessionId, rating, hasSolved: form.get("solved") === "on", comment: String(form.get("comment")), rubric: rubricOf(form) };
    try {
      const refusal = refusalOf((await http.request(GiveFeedbackDocument, { input })).giveFeedback);
      setProblem(refusal);
      if (!refusal) onDone();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <fieldset>
        <legend>Practising with your partner</legend>
        <div className="stars">
          {[1, 2, 3, 4, 5].map((value) => (
            <label key={value} className={value <= rating ? "lit" : ""}>
              <input type="radio" name="rating" value={value} required checked={rating === value} onChange={() => setRating(value)} />
              <span aria-hidden="true">★</span>
              <span className="hidden">{value} of 5</span>
            </label>
          ))}
        </div>
      </fieldset>
      <details>
        <summary>In detail (optional)</summary>
        <div className="fields">
          {Object.entries(AXES).map(([axis, title]) => (
            <label key={axis}>
              {title}
              <select name={axis} defaultValue="">
                <option value="">–</option>
                {SCORES.map((word, index) => (
                  <option key={word} value={index + 1}>
                    {word}
                  </option>
                ))}
              </select>
            </label>
          ))}
        </div>
      </details>
      <label className="inline">
        <input type="checkbox" name="solved" /> My partner solved it
      </label>
      <label>
        What went well, what could be better
        <textarea name="comment" rows={3} maxLength={4000} />
      </label>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className="primary" disabled={rating === 0}>
        Give feedback
      </button>
    </form>
  );
}

function rubricOf(form: FormData): { readonly axis: string; readonly score: number }[] {
  return Object.keys(AXES)
    .map((axis) => ({ axis, score: Number(form.get(axis)) }))
    .filter(({ score }) => score > 0);
}

function Said({ title, feedback }: { readonly title: string; readonly feedback: FeedbackPartsFragment }) {
  return (
    <p>
      <b>{title}:</b>{" "}
      <span className="lit" role="img" aria-label={`${feedback.rating} of 5`}>
        {"★".repeat(feedback.rating)}
      </span>{" "}
      {feedback.hasSolved && "solved it. "}
      {feedback.comment}
      {feedback.rubric.length > 0 && <span className="quiet"> ({feedback.rubric.map(({ axis, score }) => `${(AXES[axis] ?? axis).toLowerCase()} ${score}`).join(", ")})</span>}
    </p>
  );
}
