/** Print the questions that fit: node --experimental-strip-types --conditions=source examples/questions.ts "binary search" [gateway] */
import { HttpClient } from "@tandem/live";
import { QuestionsDocument, type QuestionsQuery } from "@tandem/schema";

const [search = "array", gateway = "http://localhost:4000"] = process.argv.slice(2);
const http = new HttpClient({ url: `${gateway}/graphql` });

let after: string | null = null;
do {
  const { questions }: QuestionsQuery = await http.request(QuestionsDocument, { filter: { search }, order: "RELEVANCE" as const, after });
  for (const { node } of questions.edges) console.log(`${node.difficulty.padEnd(6)} ${node.title} (${node.categories.join(", ")})`);
  after = questions.pageInfo.hasNextPage ? (questions.pageInfo.endCursor ?? null) : null;
} while (after);
