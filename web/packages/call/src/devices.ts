/** Camera and microphone: what there is, what is allowed, said as it is. */

/** `absent`: there is none; `denied`: the person or the browser forbids it; `busy`: another program holds it. */
export type DeviceState = "on" | "off" | "absent" | "denied" | "busy";

export interface OpenedDevices {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
  readonly audioState: DeviceState;
  readonly videoState: DeviceState;
}

export const VIDEO: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { max: 24 } };
export const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true };

/** Open both; where that fails, each by itself, so that a missing camera does not take the microphone away. */
export async function openDevices(media: MediaDevices | undefined): Promise<OpenedDevices> {
  // Browsers hide devices from pages that are not secure (https, or localhost).
  if (!media?.getUserMedia) return { audio: null, video: null, audioState: "absent", videoState: "absent" };
  try {
    const stream = await media.getUserMedia({ audio: AUDIO, video: VIDEO });
    const [audio, video] = [stream.getAudioTracks()[0] ?? null, stream.getVideoTracks()[0] ?? null];
    return { audio, video, audioState: audio ? "on" : "absent", videoState: video ? "on" : "absent" };
  } catch {
    const [audio, video] = await Promise.all([openOne(media, { audio: AUDIO }), openOne(media, { video: VIDEO })]);
    return { audio: audio.track, video: video.track, audioState: audio.state, videoState: video.state };
  }
}

export async function openOne(
  media: MediaDevices,
  constraints: MediaStreamConstraints,
): Promise<{ readonly track: MediaStreamTrack | null; readonly state: DeviceState }> {
  try {
    const track = (await media.getUserMedia(constraints)).getTracks()[0] ?? null;
    return { track, state: track ? "on" : "absent" };
  } catch (error) {
    return { track: null, state: stateOf(error) };
  }
}

function stateOf(error: unknown): DeviceState {
  switch ((error as { name?: string }).name) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "absent";
  }
}
