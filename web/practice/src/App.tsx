/** The frame of every page: who is here, where one can go, whether there is a network. */
import { LogOutDocument, MeDocument, type MeQuery } from "@tandem/schema";
import { lazy, Suspense, useEffect, useRef } from "react";

import { http, tokens, useIsLoggedIn, useIsOnline, useQuery } from "./api";
import { EnterPage } from "./pages/EnterPage";
import { HistoryPage } from "./pages/HistoryPage";
import { JoinPage, WatchPage } from "./pages/JoinPage";
import { MatchPage } from "./pages/match/MatchPage";
import { QuestionPage } from "./pages/QuestionPage";
import { QuestionsPage } from "./pages/QuestionsPage";
import { Loading, ProblemPage } from "./parts";
import { useRoute } from "./router";

// The editor is most of the code, and the first page does not need it.
const RoomPage = lazy(() => import("./room/RoomPage"));
const PlaybackPage = lazy(() => import("./playback/PlaybackPage"));
const ProfilePage = lazy(() => import("./pages/ProfilePage"));

const PLACES = [
  ["questions", "Questions"],
  ["match", "Practise"],
  ["history", "History"],
] as const;

const TITLES: Record<string, string> = {
  ...{ questions: "Questions", match: "Practise", history: "History", profile: "Profile", rooms: "Room", playback: "Playback" },
  ...{ join: "Invitation", watch: "Invitation" },
};

export function App() {
  const isLoggedIn = useIsLoggedIn();
  const isOnline = useIsOnline();
  return (
    <>
      {!isOnline && (
        <p className="banner" role="status">
          You are offline. What you write is kept and sent when the network is back.
        </p>
      )}
      {isLoggedIn ? <Inside /> : <EnterPage />}
    </>
  );
}

type Me = NonNullable<MeQuery["me"]>;

function Inside() {
  const [place = "", id = ""] = useRoute();
  const { data, problem, reload } = useQuery(MeDocument, {});
  useEffect(() => reload(), [place, reload]);
  useTitleAndFocus(place, id);
  const live = data?.currentMatch?.session;
  const isElsewhere = live?.status === "ACTIVE" && !(place === "rooms" && id === live.id);
  return (
    <>
      <header className="top">
        <button type="button" className="skip" onClick={focusContent}>
          Skip to the content
        </button>
        <a className="brand" href="#/questions">
          Tandem
        </a>
        <nav aria-label="Pages">
          {PLACES.map(([name, title]) => (
            <a key={name} href={`#/${name}`} aria-current={place === name || (place === "" && name === "questions") ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
        {isElsewhere && (
          <a className="button primary small" href={`#/rooms/${live.id}`}>
            Back to my session
          </a>
        )}
        <a className="who" href="#/profile" aria-current={place === "profile" ? "page" : undefined}>
          <span className="hidden">Profile of </span>
          {data?.me?.name ?? "Me"}
        </a>
        <button type="button" className="plain" onClick={logOut}>
          Log out
        </button>
      </header>
      <Suspense fallback={<Loading what="the page" />}>{pageOf(place, id, data?.me ?? null, problem, reload)}</Suspense>
    </>
  );
}

function pageOf(place: string, id: string, me: Me | null, problem: string | null, reload: () => void) {
  switch (place) {
    case "":
      return <QuestionsPage />;
    case "questions":
      return id ? <QuestionPage key={id} slug={id} /> : <QuestionsPage />;
    case "match":
      return <MatchPage myId={me?.id ?? null} />;
    case "history":
      return <HistoryPage />;
    case "profile":
      return <ProfilePage />;
    case "join":
      return <JoinPage key={id} token={id} />;
    case "watch":
      return <WatchPage key={id} code={id} />;
    case "rooms":
    case "playback":
      if (!me) return problem ? <ProblemPage title="Room" message={problem} onRetry={reload} /> : <Loading what="the room" />;
      return place === "rooms" ? <RoomPage key={id} id={id} me={me} /> : <PlaybackPage key={id} id={id} />;
    default:
      return <ProblemPage title="Nothing is here" message="There is no such page. Choose one above." />;
  }
}

/** People who do not see the page hear where they are: the title changes, and the content gets the focus. */
function useTitleAndFocus(place: string, id: string): void {
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${TITLES[place] ?? "Tandem"} · Tandem`;
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    focusContent();
    // What says that it loads is replaced by what was loaded, and the focus goes with it.
    const observer = new MutationObserver(() => document.activeElement === document.body && focusContent());
    observer.observe(document.getElementById("root") ?? document.body, { childList: true });
    return () => observer.disconnect();
  }, [place, id]);
}

function focusContent(): void {
  const main = document.querySelector("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus({ preventScroll: true });
}

function logOut(): void {
  // The tokens are forgotten even if the server cannot be told.
  http
    .request(LogOutDocument, {})
    .catch(() => undefined)
    .finally(() => tokens.set(null));
}
