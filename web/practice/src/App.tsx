/** The frame of every page: who is here, where one can go, whether there is a network. */
import { lazy, Suspense, useEffect } from "react";

import { http, tokens, useIsLoggedIn, useIsOnline, useQuery } from "./api";
import { LogOut, Me } from "./operations";
import { EnterPage } from "./pages/EnterPage";
import { HistoryPage } from "./pages/HistoryPage";
import { MatchPage } from "./pages/MatchPage";
import { QuestionPage } from "./pages/QuestionPage";
import { QuestionsPage } from "./pages/QuestionsPage";
import { Loading } from "./parts";
import { useRoute } from "./router";

// The editor is most of the code, and the first page does not need it.
const RoomPage = lazy(() => import("./room/RoomPage"));

const PLACES = [
  ["questions", "Questions"],
  ["match", "Practise"],
  ["history", "History"],
] as const;

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

function Inside() {
  const [place = "", id = ""] = useRoute();
  const { data, reload } = useQuery(Me, {});
  useEffect(() => reload(), [place, reload]);
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
        <span className="who">{data?.me?.name}</span>
        <button type="button" className="plain" onClick={logOut}>
          Log out
        </button>
      </header>
      <Suspense fallback={<Loading what="the room" />}>{pageOf(place, id, data?.me ?? null)}</Suspense>
    </>
  );
}

function pageOf(place: string, id: string, me: { id: string; name: string } | null) {
  if (place === "rooms" && id) return me ? <RoomPage key={id} id={id} me={me} /> : <Loading what="the room" />;
  if (place === "match") return <MatchPage />;
  if (place === "history") return <HistoryPage />;
  if (place === "questions" && id) return <QuestionPage key={id} slug={id} />;
  return <QuestionsPage />;
}

function focusContent(): void {
  const main = document.querySelector("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}

function logOut(): void {
  // The tokens are forgotten even if the server cannot be told.
  http
    .request(LogOut, {})
    .catch(() => undefined)
    .finally(() => tokens.set(null));
}
