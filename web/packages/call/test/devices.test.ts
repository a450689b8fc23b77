/** Devices that are missing, forbidden or busy are told apart, and one of them does not take the other away. */
import { expect, test } from "vitest";

import { openDevices } from "../src/index.js";

type Failures = Partial<Record<"audio" | "video", string>>;

function media(failures: Failures): MediaDevices {
  return {
    getUserMedia: async (wanted: MediaStreamConstraints) => {
      const kinds = (["audio", "video"] as const).filter((kind) => wanted[kind]);
      for (const kind of kinds) if (failures[kind]) throw Object.assign(new Error(kind), { name: failures[kind] });
      const tracks = kinds.map((kind) => ({ kind }) as MediaStreamTrack);
      const of = (kind: string) => () => tracks.filter((track) => track.kind === kind);
      return { getTracks: () => tracks, getAudioTracks: of("audio"), getVideoTracks: of("video") } as unknown as MediaStream;
    },
  } as unknown as MediaDevices;
}

test.each([
  [{}, "on", "on"],
  [{ video: "NotFoundError" }, "on", "absent"],
  [{ audio: "NotAllowedError", video: "NotAllowedError" }, "denied", "denied"],
  [{ video: "NotReadableError" }, "on", "busy"],
  [{ audio: "NotFoundError", video: "NotFoundError" }, "absent", "absent"],
] as [Failures, string, string][])("with %j the microphone is %s and the camera %s", async (failures, audio, video) => {
  const opened = await openDevices(media(failures));
  expect([opened.audioState, opened.videoState]).toEqual([audio, video]);
  expect([opened.audio !== null, opened.video !== null]).toEqual([audio === "on", video === "on"]);
});

test("a page without devices at all can still join", async () => {
  expect(await openDevices(undefined)).toEqual({ audio: null, video: null, audioState: "absent", videoState: "absent" });
});
