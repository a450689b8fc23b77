/** Oneself: figures, the rating over time, what others see, devices, and whom one does not want to meet. */
import { ProfileDocument, type ProfileQuery, RevokeSessionDocument, UnblockUserDocument } from "@tandem/schema";

import { http, refusalOf, useQuery } from "../api";
import { Loading, ProblemPage, Refusal } from "../parts";
import { useAction } from "../useAction";
import { day, inWords } from "../words";
import { ProfileForm } from "./ProfileForm";
import { RatingChart } from "./RatingChart";

type Me = NonNullable<ProfileQuery["me"]>;

export default function ProfilePage() {
  const { data, problem, reload } = useQuery(ProfileDocument, {});
  if (!data && problem) return <ProblemPage title="Profile" message={problem} onRetry={reload} />;
  if (!data) return <Loading what="your profile" />;
  if (!data.me) return <ProblemPage title="Profile" message="Log in to see your profile." />;
  return (
    <main className="page narrow" tabIndex={-1}>
      <h1>{data.me.name}</h1>
      <Refusal message={problem} />
      <Figures me={data.me} />
      <RatingChart topics={(data.me.skill?.byTopic ?? []).map(({ topic }) => topic)} />
      <ProfileForm me={data.me} onDone={reload} />
      <Devices devices={data.myAuthSessions} onDone={reload} />
      <Blocked people={data.blockedUsers} onDone={reload} />
    </main>
  );
}

function Figures({ me }: { readonly me: Me }) {
  const { skill, progress } = me;
  return (
    <dl className="figures">
      <Figure name="Level" value={inWords(me.skillLevel)} />
      <Figure name="Rating" value={skill ? `${Math.round(skill.rating)} ± ${Math.round(skill.deviation)}` : "–"} />
      <Figure name="Sessions" value={String(skill?.sessions ?? 0)} />
      <Figure name="Solved" value={`${progress.solved} of ${progress.attempted} tried`} />
      <Figure name="Streak" value={`${progress.currentStreak} d (best ${progress.longestStreak})`} />
    </dl>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Devices({ devices, onDone }: { readonly devices: ProfileQuery["myAuthSessions"]; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  return (
    <section className="card spaced" aria-labelledby="devices">
      <h2 id="devices">Where you are logged in</h2>
      <ul className="lines">
        {devices.map(({ id, lastUsedAt, userAgent, isCurrent }) => (
          <li key={id}>
            <span>
              {isCurrent ? <b>This device</b> : browserOf(userAgent)} <span className="quiet">last used {day(lastUsedAt)}</span>
            </span>
            {!isCurrent && (
              <button type="button" className="small" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(RevokeSessionDocument, { sessionId: id })).revokeSession))}>
                Log out there
              </button>
            )}
          </li>
        ))}
      </ul>
      <Refusal message={problem} />
    </section>
  );
}

function browserOf(userAgent: string | null | undefined): string {
  return /(Firefox|Edg|OPR|Chrome|Safari)/.exec(userAgent ?? "")?.[0] ?? "Another device";
}

function Blocked({ people, onDone }: { readonly people: ProfileQuery["blockedUsers"]; readonly onDone: () => void }) {
  const { problem, isBusy, run } = useAction(onDone);
  if (people.length === 0) return null;
  return (
    <section className="card spaced" aria-labelledby="blocked">
      <h2 id="blocked">You do not want to meet</h2>
      <ul className="lines">
        {people.map(({ id, name }) => (
          <li key={id}>
            <span>{name}</span>
            <button type="button" className="small" disabled={isBusy} onClick={() => run(async () => refusalOf((await http.request(UnblockUserDocument, { userId: id })).unblockUser))}>
              Meet again
            </button>
          </li>
        ))}
      </ul>
      <Refusal message={problem} />
    </section>
  );
}
