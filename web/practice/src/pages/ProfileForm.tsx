/** What others see of one: changed here, and never over what was changed elsewhere meanwhile. */
import { CategoriesDocument, type Language, type ProfilePartsFragment, type SkillLevel, UpdateProfileDocument } from "@tandem/schema";
import { type FormEvent, useState } from "react";

import { http, refusalOf, useQuery } from "../api";
import { Refusal } from "../parts";
import { useAction } from "../useAction";
import { inWords, LANGUAGES } from "../words";

const LEVELS: readonly SkillLevel[] = ["BEGINNER", "INTERMEDIATE", "ADVANCED"];

export function ProfileForm({ me, onDone }: { readonly me: ProfilePartsFragment; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction();
  const [isSaved, setSaved] = useState(false);
  const [languages, setLanguages] = useState<readonly Language[]>(me.preferredLanguages);
  const [topics, setTopics] = useState<readonly string[]>(me.preferredTopics);
  const categories = useQuery(CategoriesDocument, {});

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name)).trim();
    const level = text("level") as SkillLevel;
    const input = {
      expectedVersion: me.version,
      name: text("name"),
      bio: text("bio"),
      timeZone: text("timeZone") || null,
      links: text("links").split(/\s+/).filter(Boolean),
      preferredLanguages: [...languages],
      preferredTopics: [...topics],
      // Refused once sessions have measured it: only sent when it was changed.
      ...(level && level !== me.selfAssessment ? { selfAssessment: level } : {}),
    };
    run(async () => {
      const { updateProfile } = await http.request(UpdateProfileDocument, { input });
      const refusal = refusalOf(updateProfile);
      setSaved(refusal === null);
      if (refusal === null) onDone();
      return updateProfile.__typename === "VersionConflict" ? "Your profile was changed on another device. Load the page again to see it." : refusal;
    });
  };

  return (
    <form className="card spaced" onSubmit={submit} onChange={() => setSaved(false)} aria-labelledby="about">
      <h2 id="about">What others see</h2>
      <label>
        Name
        <input name="name" required maxLength={80} defaultValue={me.name} autoComplete="nickname" />
      </label>
      <label>
        About me
        <textarea name="bio" rows={3} maxLength={2000} defaultValue={me.bio} />
      </label>
      <Choice legend="Languages, the favourite first" all={Object.keys(LANGUAGES) as Language[]} chosen={languages} name={(each) => LANGUAGES[each]} onChoose={setLanguages} />
      <Choice legend="Topics" all={categories.data?.categories.map(({ name }) => name) ?? me.preferredTopics} chosen={topics} name={(each) => each} onChoose={setTopics} />
      <div className="fields">
        <label>
          Time zone
          <input name="timeZone" list="zones" defaultValue={me.timeZone ?? ""} placeholder={Intl.DateTimeFormat().resolvedOptions().timeZone} />
        </label>
        <label>
          Level, as I see it
          <select name="level" defaultValue={me.selfAssessment ?? ""}>
            <option value="">–</option>
            {LEVELS.map((level) => (
              <option key={level} value={level}>
                {inWords(level)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <datalist id="zones">
        {Intl.supportedValuesOf("timeZone").map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <label>
        Links, one per line
        <textarea name="links" rows={2} defaultValue={me.links.join("\n")} />
      </label>
      <Refusal message={problem} />
      <div className="buttons">
        <button type="submit" className="primary" disabled={isBusy}>
          Save
        </button>
        <span role="status" className="good">
          {isSaved && "Saved"}
        </span>
      </div>
    </form>
  );
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly all: readonly T[];
  readonly chosen: readonly T[];
  readonly name: (value: T) => string;
  readonly onChoose: (chosen: readonly T[]) => void;
}

function Choice<T extends string>({ legend, all, chosen, name, onChoose }: ChoiceProps<T>) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div className="chips">
        {all.map((value) => {
          const place = chosen.indexOf(value);
          return (
            <button key={value} type="button" aria-pressed={place >= 0} onClick={() => onChoose(place >= 0 ? chosen.filter((each) => each !== value) : [...chosen, value])}>
              {name(value)}
            </button>
          );
        })}
      </div>
    </fieldset>
  );
}
