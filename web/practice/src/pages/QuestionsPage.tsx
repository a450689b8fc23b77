/** Browse and search questions; more are loaded on demand. */
import { useEffect, useState } from "react";

import { CategoriesDocument, type Difficulty, type ProgressFilter, QuestionsDocument, type QuestionsQuery } from "@tandem/schema";

import { explain, http, useQuery } from "../api";
import { DifficultyMark, Empty, LoadingPart, Problem } from "../parts";
import { inWords } from "../words";

type Node = QuestionsQuery["questions"]["edges"][number]["node"];

export function QuestionsPage() {
  const [search, setSearch] = useState("");
  const [asked, setAsked] = useState("");
  const [difficulty, setDifficulty] = useState<Difficulty | "">("");
  const [category, setCategory] = useState("");
  const [progress, setProgress] = useState<ProgressFilter | "">("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(search.trim()), 250);
    return () => clearTimeout(timer);
  }, [search]);

  const variables = {
    filter: { search: asked || null, difficulties: difficulty ? [difficulty] : [], categories: category ? [category] : [], progress: progress ? [progress] : [] },
    order: asked ? ("RELEVANCE" as const) : ("EASIEST" as const),
  };
  const { data, problem, isLoading, reload } = useQuery(QuestionsDocument, variables);
  const categories = useQuery(CategoriesDocument, {});
  const { more, isMore, moreProblem, loadMore } = useMore(variables, data);
  const nodes = [...(data?.questions.edges.map((edge) => edge.node) ?? []), ...more];

  return (
    <main className="page" tabIndex={-1}>
      <h1>Questions</h1>
      <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <input type="search" placeholder="Search, e.g. shortest path" aria-label="Search questions" value={search} onChange={(event) => setSearch(event.target.value)} />
        <select aria-label="Difficulty" value={difficulty} onChange={(event) => setDifficulty(event.target.value as Difficulty | "")}>
          <option value="">Difficulty</option>
          {["EASY", "MEDIUM", "HARD"].map((value) => (
            <option key={value} value={value}>
              {inWords(value)}
            </option>
          ))}
        </select>
        <select aria-label="Topic" value={category} onChange={(event) => setCategory(event.target.value)}>
          <option value="">Topic</option>
          {categories.data?.categories.map(({ name, count }) => (
            <option key={name} value={name}>
              {name} ({count})
            </option>
          ))}
        </select>
        <select aria-label="Progress" value={progress} onChange={(event) => setProgress(event.target.value as ProgressFilter | "")}>
          <option value="">Progress</option>
          <option value="NEW">New to me</option>
          <option value="ATTEMPTED">Tried</option>
          <option value="SOLVED">Solved</option>
        </select>
      </form>
      {problem && <Problem message={problem} onRetry={reload} />}
      {!data && isLoading && <LoadingPart what="questions" />}
      {data && (
        <>
          <p className="quiet" role="status">
            {data.questions.totalCount} {data.questions.totalCount === 1 ? "question" : "questions"}
          </p>
          {nodes.length === 0 && <Empty>No question fits. Try other words, or fewer of them.</Empty>}
          <ul className="list" aria-busy={isLoading}>
            {nodes.map((node) => (
              <QuestionRow key={node.id} node={node} />
            ))}
          </ul>
          {moreProblem && <Problem message={moreProblem} />}
          {isMore && (
            <button type="button" className="more" onClick={loadMore}>
              Show more
            </button>
          )}
        </>
      )}
    </main>
  );
}

function QuestionRow({ node }: { readonly node: Node }) {
  const progress = node.myProgress?.status;
  return (
    <li>
      <a href={`#/questions/${encodeURIComponent(node.slug)}`} className="row">
        <span className="title">{node.title}</span>
        <span className="topics">{node.categories.join(" · ")}</span>
        {progress && <span className={`progress ${progress.toLowerCase()}`}>{inWords(progress)}</span>}
        <DifficultyMark value={node.difficulty} />
      </a>
    </li>
  );
}

/** The pages after the first one; forgotten when the first one changes. */
function useMore(variables: object, first: QuestionsQuery | null) {
  const [pages, setPages] = useState<QuestionsQuery["questions"][]>([]);
  const [moreProblem, setProblem] = useState<string | null>(null);
  useEffect(() => setPages([]), [first]);
  const last = pages.at(-1) ?? first?.questions;
  const loadMore = (): void => {
    setProblem(null);
    http
      .request(QuestionsDocument, { ...(variables as { order: "EASIEST" }), after: last?.pageInfo.endCursor ?? null })
      .then(({ questions }) => setPages((before) => [...before, questions]), (error: unknown) => setProblem(explain(error)));
  };
  return { more: pages.flatMap((page) => page.edges.map((edge) => edge.node)), isMore: last?.pageInfo.hasNextPage ?? false, moreProblem, loadMore };
}
