/** The wishes of a search: language, difficulty, topics, side of the interview, level of the partner. */
import { CategoriesDocument, type Difficulty, type Language, type MatchRole, type QueueQuery, RequestMatchDocument, type SkillLevel } from "@tandem/schema";
import { type FormEvent, useState } from "react";

import { http, refusalOf, useQuery } from "../../api";
import { Refusal } from "../../parts";
import { useAction } from "../../useAction";
import { inWords, LANGUAGES } from "../../words";

const LEVELS: readonly SkillLevel[] = ["BEGINNER", "INTERMEDIATE", "ADVANCED"];

export function Ask({ status, onDone }: { readonly status: QueueQuery["queueStatus"]; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  const [topics, setTopics] = useState<readonly string[]>([]);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const input = inputOf(new FormData(event.currentTarget), topics);
    run(async () => {
      const { requestMatch } = await http.request(RequestMatchDocument, { input });
      return requestMatch.__typename === "AlreadyQueued" ? null : refusalOf(requestMatch);
    });
  };
  return (
    <form className="card" onSubmit={submit} aria-label="Find a partner">
      <div className="fields">
        <WishFields />
        <label>
          My part
          <select name="role" defaultValue="ANY">
            <option value="ANY">Either</option>
            <option value="INTERVIEWER">Interviewer</option>
            <option value="CANDIDATE">Candidate</option>
          </select>
        </label>
      </div>
      <Topics chosen={topics} onChoose={setTopics} />
      <div className="fields">
        <LevelField name="minLevel" label="Partner at least" value="BEGINNER" />
        <LevelField name="maxLevel" label="Partner at most" value="ADVANCED" />
      </div>
      <label className="inline">
        <input type="checkbox" name="avoid" /> Nobody I met in the last days
      </label>
      <Refusal message={problem} />
      <button type="submit" className="primary" disabled={isBusy}>
        Find a partner
      </button>
      <p className="quiet">{waitingInWords(status.depths)}</p>
      {status.noShows > 0 && <p className="quiet">You did not come to {status.noShows === 1 ? "one match" : `${status.noShows} matches`} lately; others go first.</p>}
    </form>
  );
}

function inputOf(form: FormData, topics: readonly string[]) {
  const value = (name: string): string => String(form.get(name));
  return {
    language: value("language") as Language,
    difficulty: value("difficulty") as Difficulty,
    topics: [...topics],
    preferences: {
      role: value("role") as MatchRole,
      avoidRecentPartners: form.get("avoid") === "on",
      minLevel: value("minLevel") as SkillLevel,
      maxLevel: value("maxLevel") as SkillLevel,
    },
  };
}

export function WishFields() {
  return (
    <>
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
          {["EASY", "MEDIUM", "HARD"].map((value) => (
            <option key={value} value={value}>
              {inWords(value)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

function LevelField({ name, label, value }: { readonly name: string; readonly label: string; readonly value: SkillLevel }) {
  return (
    <label>
      {label}
      <select name={name} defaultValue={value}>
        {LEVELS.map((level) => (
          <option key={level} value={level}>
            {inWords(level)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Topics({ chosen, onChoose }: { readonly chosen: readonly string[]; readonly onChoose: (topics: readonly string[]) => void }) {
  const categories = useQuery(CategoriesDocument, {});
  return (
    <fieldset>
      <legend>Topics (none: any)</legend>
      {categories.problem && <p className="quiet">Topics cannot be loaded just now; any will do.</p>}
      <div className="chips">
        {categories.data?.categories.map(({ name }) => {
          const isChosen = chosen.includes(name);
          return (
            <button key={name} type="button" aria-pressed={isChosen} onClick={() => onChoose(isChosen ? chosen.filter((each) => each !== name) : [...chosen, name])}>
              {name}
            </button>
          );
        })}
      </div>
    </fieldset>
  );
}

/** Who waits for what, where it is most: people choose with it. */
function waitingInWords(depths: QueueQuery["queueStatus"]["depths"]): string {
  const waiting = depths.reduce((sum, depth) => sum + depth.waiting, 0);
  if (waiting === 0) return "Nobody is waiting right now.";
  const most = [...depths].sort((one, other) => other.waiting - one.waiting).slice(0, 3);
  const where = most.map((each) => `${LANGUAGES[each.language]} ${inWords(each.difficulty).toLowerCase()} (${each.waiting})`).join(", ");
  return `${waiting === 1 ? "1 person is" : `${waiting} people are`} waiting right now: ${where}.`;
}
