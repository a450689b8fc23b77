/** A search as it is: since when, at which place, how long it usually takes, how wide it is, and why nobody fits yet. */
import { CancelMatchDocument, ExtendTicketDocument, type QueueQuery } from "@tandem/schema";

import { http, refusalOf } from "../../api";
import { Refusal } from "../../parts";
import { useAction } from "../../useAction";
import { useNow } from "../../useNow";
import { duration, inWords, LANGUAGES } from "../../words";

type Status = QueueQuery["queueStatus"];
type Ticket = NonNullable<Status["ticket"]>;

/** What each stage of the search accepts, in words; a stage of one's own is told by its name. */
const STAGES: Record<string, string> = {
  EXACT: "exactly what you asked for",
  ADJACENT_DIFFICULTY: "also one step easier or harder",
  WIDER_SKILL: "also partners of any level",
  ANY_TOPIC: "also other topics",
};

export function Waiting({ status, ticket, onDone }: { readonly status: Status; readonly ticket: Ticket; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  const { position } = status;
  const now = useNow();
  return (
    <section className="card" aria-label="Your search">
      <h2>
        <span className="spinner" aria-hidden="true" /> Looking for a partner
      </h2>
      <p>
        {LANGUAGES[ticket.language]}, {inWords(ticket.difficulty).toLowerCase()}, {ticket.topics.length > 0 ? ticket.topics.join(", ") : "any topic"}
        {ticket.role !== "ANY" && `, you as ${inWords(ticket.role).toLowerCase()}`}
      </p>
      <dl className="figures">
        <div>
          <dt>Waiting for</dt>
          <dd className="ticking">{duration((now - Date.parse(ticket.createdAt)) / 1000)}</dd>
        </div>
        <div>
          <dt>Place</dt>
          <dd>{position ? `${position.position} of ${position.waiting}` : "–"}</dd>
        </div>
        <div>
          <dt>Still about</dt>
          <dd>{estimateInWords(position?.estimate)}</dd>
        </div>
      </dl>
      <p className="quiet" role="status">
        Now: {stageInWords(status.stage)}.
        {status.nextStage && status.nextStageAt && ` Next: ${stageInWords(status.nextStage)}.`}
        {!status.nextStage && " It cannot be widened any further."}
      </p>
      {status.nextStage && status.nextStageAt && <p className="quiet">Widened in {duration((Date.parse(status.nextStageAt) - now) / 1000)}.</p>}
      <p className="quiet">{whyInWords(status)}</p>
      <Refusal message={problem} />
      <div className="buttons">
        <button type="button" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(CancelMatchDocument, {})).cancelMatch))}>
          Stop waiting
        </button>
        <button type="button" className="plain" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(ExtendTicketDocument, {})).extendTicket))}>
          Wait longer (ends in {duration((Date.parse(ticket.expiresAt) - now) / 1000)})
        </button>
      </div>
    </section>
  );
}

/** Out of the waits of the last hour; with too few of them nothing is promised. */
function estimateInWords(estimate: NonNullable<Status["position"]>["estimate"] | undefined): string {
  if (typeof estimate?.typicalSeconds !== "number") return "too few to say";
  const typical = duration(estimate.typicalSeconds);
  return typeof estimate.patientSeconds === "number" ? `${typical} (most: ${duration(estimate.patientSeconds)})` : typical;
}

function stageInWords(stage: string | null | undefined): string {
  return stage ? (STAGES[stage] ?? inWords(stage).toLowerCase()) : "your search begins";
}

export function whyInWords(status: Status): string {
  const later = status.compatibleWhenFullyRelaxed ?? 0;
  if (later > 0) return `${later === 1 ? "One person who waits fits" : `${later} people who wait fit`} once your search is widened.`;
  const helpful = status.relaxations.filter((relaxation) => relaxation.compatible > 0);
  if (helpful.length === 0) return "Nobody else waits whom giving something up would bring.";
  return `More would fit if you gave up: ${helpful.map((each) => `${inWords(each.criterion).toLowerCase()} (${each.compatible})`).join(", ")}.`;
}
