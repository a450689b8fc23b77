/** Ask for a partner, watch the queue as it is, say that you are there, and go to the room. */
import { followMatch } from "@tandem/live";
import { type FormEvent, useEffect, useState } from "react";

import { explain, http, refusalOf, socket, useQuery } from "../api";
import type { Difficulty, Language, MatchEventsSubscription, MatchRole, QueueQuery } from "../gql/graphql";
import { CancelMatch, Categories, DeclineMatch, ExtendTicket, MatchEvents, Queue, RequestMatch, RespondToMatch } from "../operations";
import { Loading, Problem } from "../parts";
import { go } from "../router";
import { duration, inWords, LANGUAGES } from "../words";

type Event = MatchEventsSubscription["matchEvents"];

const WHY: Record<string, string> = {
  MatchExpired: "Nobody was found in time. You can ask again at once.",
  MatchRequeued: "Your partner did not come. You wait again, at your old place.",
  MatchRelaxed: "Your search was widened a little.",
};

export function MatchPage() {
  const queue = useQuery(Queue, {});
  const [news, setNews] = useState<string | null>(null);
  const { reload } = queue;

  useEffect(() => {
    const stream = followMatch<Event>({
      socket,
      document: MatchEvents,
      onEvent: (event) => {
        if (event.__typename === "MatchMade" && event.match?.session) {
          go("rooms", event.match.session.id);
          return;
        }
        setNews(WHY[event.__typename] ?? null);
        reload();
      },
      onResync: async () => reload(),
    });
    const timer = setInterval(reload, 5_000);
    return () => {
      stream.close();
      clearInterval(timer);
    };
  }, [reload]);

  const data = queue.data;
  if (!data) return queue.problem ? <Problem message={queue.problem} onRetry={reload} /> : <Loading what="the queue" />;
  const { ticket } = data.queueStatus;
  return (
    <main className="page narrow" tabIndex={-1}>
      <h1>Practise</h1>
      {queue.problem && <Problem message={queue.problem} onRetry={reload} />}
      {news && (
        <p className="note" role="status">
          {news}
        </p>
      )}
      {data.currentMatch ? <CurrentMatch match={data.currentMatch} onDone={reload} /> : ticket ? <Waiting status={data.queueStatus} onDone={reload} /> : <Ask status={data.queueStatus} onDone={reload} />}
    </main>
  );
}

function useAction(onDone: () => void) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = (work: () => Promise<string | null>): void => {
    setBusy(true);
    setProblem(null);
    work()
      .then(setProblem, (error: unknown) => setProblem(explain(error)))
      .finally(() => {
        setBusy(false);
        onDone();
      });
  };
  return { problem, isBusy, run };
}

function Ask({ status, onDone }: { readonly status: QueueQuery["queueStatus"]; readonly onDone: () => void }) {
  const categories = useQuery(Categories, {});
  const { problem, isBusy, run } = useAction(onDone);
  const [topics, setTopics] = useState<readonly string[]>([]);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      language: form.get("language") as Language,
      difficulty: form.get("difficulty") as Difficulty,
      topics: [...topics],
      preferences: {
        role: form.get("role") as MatchRole,
        avoidRecentPartners: form.get("avoid") === "on",
        minLevel: "BEGINNER" as const,
        maxLevel: "ADVANCED" as const,
      },
    };
    run(async () => {
      const { requestMatch } = await http.request(RequestMatch, { input });
      return requestMatch.__typename === "AlreadyQueued" ? null : refusalOf(requestMatch);
    });
  };
  const waiting = status.depths.reduce((sum, depth) => sum + depth.waiting, 0);
  return (
    <form className="card" onSubmit={submit}>
      <div className="fields">
        <label>
          Language
          <select name="language" defaultValue="PYTHON">
            {Object.entries(LANGUAGES).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Difficulty
          <select name="difficulty" defaultValue="EASY">
            <option value="EASY">Easy</option>
            <option value="MEDIUM">Medium</option>
            <option value="HARD">Hard</option>
          </select>
        </label>
        <label>
          My part
          <select name="role" defaultValue="ANY">
            <option value="ANY">Either</option>
            <option value="INTERVIEWER">Interviewer</option>
            <option value="CANDIDATE">Candidate</option>
          </select>
        </label>
      </div>
      <fieldset>
        <legend>Topics (none: any)</legend>
        <div className="chips">
          {categories.data?.categories.map(({ name }) => {
            const isChosen = topics.includes(name);
            return (
              <button key={name} type="button" aria-pressed={isChosen} onClick={() => setTopics(isChosen ? topics.filter((each) => each !== name) : [...topics, name])}>
                {name}
              </button>
            );
          })}
        </div>
      </fieldset>
      <label className="inline">
        <input type="checkbox" name="avoid" /> Nobody I met in the last days
      </label>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className="primary" disabled={isBusy}>
        Find a partner
      </button>
      <p className="quiet">{waiting === 0 ? "Nobody is waiting right now." : `${waiting} ${waiting === 1 ? "person is" : "people are"} waiting right now.`}</p>
    </form>
  );
}

function Waiting({ status, onDone }: { readonly status: QueueQuery["queueStatus"]; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  const { ticket, position } = status;
  const now = useNow();
  if (!ticket) return null;
  const estimate = position?.estimate;
  const helpful = status.relaxations.filter((relaxation) => relaxation.compatible > 0);
  return (
    <section className="card" aria-label="Your search">
      <h2>
        <span className="spinner" aria-hidden="true" /> Looking for a partner
      </h2>
      <p>
        {LANGUAGES[ticket.language]}, {inWords(ticket.difficulty).toLowerCase()}, {ticket.topics.length > 0 ? ticket.topics.join(", ") : "any topic"}
      </p>
      <dl className="figures" aria-live="polite">
        <div>
          <dt>Waiting for</dt>
          <dd className="ticking">{duration((now - Date.parse(ticket.createdAt)) / 1000)}</dd>
        </div>
        <div>
          <dt>Place</dt>
          <dd>{position ? `${position.position} of ${position.waiting}` : "–"}</dd>
        </div>
        <div>
          <dt>Usually</dt>
          <dd>{typeof estimate?.typicalSeconds === "number" ? duration(estimate.typicalSeconds) : "too few to say"}</dd>
        </div>
      </dl>
      <p className="quiet">
        {status.stage && <>Search: {inWords(status.stage).toLowerCase()}. </>}
        {status.nextStage && status.nextStageAt && <>In {duration((Date.parse(status.nextStageAt) - now) / 1000)}: {inWords(status.nextStage).toLowerCase()}. </>}
        {helpful.length > 0
          ? `More would fit if you gave up: ${helpful.map((each) => `${inWords(each.criterion).toLowerCase()} (${each.compatible})`).join(", ")}.`
          : "Nobody else waits whom giving something up would bring."}
      </p>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="buttons">
        <button type="button" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(CancelMatch, {})).cancelMatch))}>
          Stop waiting
        </button>
        <button type="button" className="plain" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(ExtendTicket, {})).extendTicket))}>
          Wait longer (ends in {duration((Date.parse(ticket.expiresAt) - now) / 1000)})
        </button>
      </div>
    </section>
  );
}

function CurrentMatch({ match, onDone }: { readonly match: NonNullable<QueueQuery["currentMatch"]>; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  const now = useNow();
  const partner = match.partner?.name ?? "somebody";
  return (
    <section className="card" aria-live="polite">
      <h2>{match.status === "PROPOSED" ? `${partner} is ready. Are you?` : `You and ${partner}`}</h2>
      {match.status === "PROPOSED" && (
        <div className="buttons">
          <button type="button" className="primary" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(RespondToMatch, { matchId: match.id })).acceptMatch))}>
            I am here {match.respondBy && `(${duration((Date.parse(match.respondBy) - now) / 1000)})`}
          </button>
          <button type="button" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(DeclineMatch, { matchId: match.id })).declineMatch))}>
            Not now
          </button>
        </div>
      )}
      {match.session ? (
        <a className="button primary" href={`#/rooms/${match.session.id}`}>
          Go to the room
        </a>
      ) : (
        match.status !== "PROPOSED" && <Loading what="a question and a room for you two" />
      )}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
