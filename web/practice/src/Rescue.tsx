/** Says so when the page itself has failed, instead of showing nothing. */
import { Component, type ReactNode } from "react";

export class Rescue extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="state" role="alert">
        <h1>This page has failed.</h1>
        <p>What you wrote in a session is stored as soon as it says so.</p>
        <button type="button" className="primary" onClick={() => location.reload()}>
          Load it again
        </button>
      </main>
    );
  }
}
