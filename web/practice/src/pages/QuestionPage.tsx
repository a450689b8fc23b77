/** One question by itself. */
import { useState } from "react";

import { type Language, QuestionBySlugDocument } from "@tandem/schema";

import { useQuery } from "../api";
import { Loading, ProblemPage } from "../parts";
import { QuestionText } from "../QuestionText";
import { inWords, LANGUAGES } from "../words";

export function QuestionPage({ slug }: { readonly slug: string }) {
  const { data, problem, reload } = useQuery(QuestionBySlugDocument, { slug });
  const [language, setLanguage] = useState<Language>("PYTHON");
  if (problem) return <ProblemPage title="Question" message={problem} onRetry={reload} />;
  if (!data) return <Loading what="the question" />;
  const { question } = data;
  const starter = question.starterCode.find((each) => each.language === language);
  const { acceptanceRate, attempts } = question.statistics;
  return (
    <main className="page narrow" tabIndex={-1}>
      <a href="#/questions">← All questions</a>
      <QuestionText question={question} />
      <p className="quiet">
        {attempts === 0 ? "Nobody has submitted a solution yet." : `${attempts} submissions, ${Math.round((acceptanceRate ?? 0) * 100)} % accepted.`}
        {question.myProgress && ` You: ${inWords(question.myProgress.status).toLowerCase()}.`}
      </p>
      <section>
        <label className="inline">
          Starter code in{" "}
          <select value={language} onChange={(event) => setLanguage(event.target.value as Language)}>
            {question.starterCode.map((each) => (
              <option key={each.language} value={each.language}>
                {LANGUAGES[each.language]}
              </option>
            ))}
          </select>
        </label>
        {starter && <pre>{starter.code}</pre>}
      </section>
      <a className="button primary" href="#/match">
        Practise with somebody
      </a>
    </main>
  );
}
