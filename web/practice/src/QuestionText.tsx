/** A question's statement with its samples, as shown by itself and in a room. */
import type { QuestionTextFragment } from "@tandem/schema";
import { inline, Markdown } from "./markdown";
import { DifficultyMark } from "./parts";

interface QuestionTextProps {
  readonly question: QuestionTextFragment;
  readonly level?: "h1" | "h2";
  /** False in an interview, where hints are the interviewer's to give. */
  readonly hasHints?: boolean;
}

export function QuestionText({ question, level: Heading = "h1", hasHints = true }: QuestionTextProps) {
  const Part = Heading === "h1" ? "h2" : "h3";
  return (
    <article className="question">
      <Heading>{question.title}</Heading>
      <p className="topics">
        <DifficultyMark value={question.difficulty} /> {question.categories.join(" · ")}
      </p>
      <Markdown text={question.description} heading={Part} />
      {question.samples.map((sample, index) => (
        <div className="sample" key={sample.id}>
          <Part>Sample {index + 1}</Part>
          <dl>
            <dt>Input</dt>
            <dd>
              <code>{(sample.args as unknown[]).map((value) => JSON.stringify(value)).join(", ")}</code>
            </dd>
            <dt>Output</dt>
            <dd>
              <code>{JSON.stringify(sample.expected)}</code>
            </dd>
          </dl>
          {sample.explanation && <p className="quiet">{sample.explanation}</p>}
        </div>
      ))}
      {question.constraints.length > 0 && (
        <>
          <Part>Bounds</Part>
          <ul>
            {question.constraints.map((constraint) => (
              <li key={constraint}>{inline(constraint)}</li>
            ))}
          </ul>
        </>
      )}
      {hasHints && question.hints && question.hints.length > 0 && (
        <details>
          <summary>Hints ({question.hints.length})</summary>
          <ol>
            {question.hints.map((hint) => (
              <li key={hint}>{hint}</li>
            ))}
          </ol>
        </details>
      )}
      <p className="quiet">
        Judged on {question.samples.length} samples and {question.hiddenCaseCount} hidden cases
        {question.provenance.licence && `; from ${question.provenance.source} (${question.provenance.licence})`}.
      </p>
    </article>
  );
}
