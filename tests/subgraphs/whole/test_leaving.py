"""Taking one's data along, and leaving: through all four subgraphs, with the proof that each has done its part."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import pytest

from .four_subgraphs import PASSWORD, Four, Person, eventually
from .sessions import Pair, matched_pair

pytestmark = pytest.mark.timeout(600)

ASK = "mutation { requestDataExport { ... on DataExport { id isReady missing } ... on Error { code message } } }"
EXPORT = """
    query ($id: ID!) { dataExport(id: $id) {
        isReady completedAt missing parts { subgraph items sha256 collectedAt document } } }
"""
SEND = """
    mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename ... on Error { code message } } }
"""
NOTES = "mutation ($input: SaveNotesInput!) { saveNotes(input: $input) { __typename ... on Error { code message } } }"
DELETE = """
    mutation ($password: String) { deleteMyAccount(password: $password) {
        ... on AccountErasure { receipt missing } ... on Error { code message } } }
"""
PROOF = (
    "query ($receipt: ID!) { accountErasure(receipt: $receipt) { completedAt missing proofs { subgraph erasedAt } } }"
)


async def said_and_noted(pair: Pair, where: str = "") -> None:
    """Each says something in the session and notes something for herself; `where` tells one test's words from another's."""
    for person, word in ((pair.ada, "hers"), (pair.bob, "his")):
        message = {"sessionId": pair.session_id, "message": f"{word} message{where}", "nonce": word}
        assert (await person.data(SEND, {"input": message}))["sendMessage"]["__typename"] == "SessionMessage"
        notes = {"sessionId": pair.session_id, "text": f"{word} notes{where}"}
        assert "Error" not in (await person.data(NOTES, {"input": notes}))["saveNotes"]["__typename"]


async def exported(person: Person) -> dict[str, Any]:
    """The parts of a new export by subgraph, once all of them are there."""
    asked = (await person.data(ASK))["requestDataExport"]
    assert "id" in asked, asked

    async def ready() -> Any:
        state = (await person.data(EXPORT, {"id": asked["id"]}))["dataExport"]
        assert state["isReady"] is (state["missing"] == [] and state["completedAt"] is not None)
        return state if state["isReady"] else None

    return {part["subgraph"]: part for part in (await eventually(ready))["parts"]}


async def test_an_export_holds_what_all_four_know_of_oneself_and_nothing_of_the_partner(four: Four) -> None:
    async with matched_pair(four) as pair:
        await said_and_noted(pair)
        parts = await exported(pair.ada)

    assert set(parts) == {"users", "questions", "matching", "collaboration"}
    documents = {name: part["document"] for name, part in parts.items()}
    for part in parts.values():
        canonical = orjson.dumps(part["document"], option=orjson.OPT_SORT_KEYS)
        assert part["sha256"] == hashlib.sha256(canonical).hexdigest()
        assert part["items"] == sum(len(items) for items in part["document"].values())
    assert documents["users"]["account"][0]["email"] == pair.ada.person["email"]
    assert [match["id"] for match in documents["matching"]["matches"]] == [pair.match_id]
    assert documents["matching"]["matchRequests"][0]["userId"] == pair.ada.id
    assert documents["matching"]["events"]
    assert [one["status"] for one in documents["questions"]["progress"]] == ["SEEN"]
    collaboration = documents["collaboration"]
    assert [session["id"] for session in collaboration["sessions"]] == [pair.session_id]
    assert [message["message"] for message in collaboration["messages"]] == ["hers message"]
    assert [notes["text"] for notes in collaboration["notes"]] == ["hers notes"]
    text = orjson.dumps(documents).decode()
    assert "passwordHash" not in text
    assert "argon2" not in text
    assert pair.bob.person["email"] not in text
    assert "his message" not in text
    assert "his notes" not in text


async def test_nobody_reads_the_export_of_somebody_else_and_services_parts_are_not_in_the_graph(four: Four) -> None:
    ada, eve = await four.signed_up("Ada"), await four.signed_up("Eve")
    asked = (await ada.data(ASK))["requestDataExport"]
    # Asking again while it is made, or after it is ready, never begins more than the day's allowance.
    stolen = await eve.execute(EXPORT, {"id": asked["id"]})
    assert stolen["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    for name in ("questions", "matching", "collaboration"):
        query = f'{{ {name}PersonalData(userId: "{ada.id}") {{ section items }} }}'
        assert f"{name}PersonalData" in (await eve.execute(query))["errors"][0]["message"]
        refused = await eve.execute(query, at=name)
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert (await four.service().data(query, at=name))[f"{name}PersonalData"]["section"]


TABLES = """
    SELECT schemaname || '.' || tablename AS name FROM pg_tables
    WHERE schemaname IN ('users', 'questions', 'matching', 'collaboration') AND tablename <> 'alembic_version'
"""
# The id itself stays where the histories of others refer to it, where it keeps a token out, and in what is purged by age.
MAY_NAME_THE_ID = {
    "users.users",
    "users.erasures",
    "users.erasure_proofs",
    "users.outbox",
    "questions.outbox",
    "questions.sign_outs",
    "matching.barred_users",
    "matching.outbox",
    "matching.sign_outs",
    "collaboration.outbox",
    "collaboration.sign_outs",
}


async def test_a_deleted_account_is_erased_in_all_four_with_a_proof_of_each(four: Four) -> None:
    async with matched_pair(four) as pair:
        await said_and_noted(pair, " before leaving")
        await exported(pair.ada)
        receipt = (await pair.ada.data(DELETE, {"password": PASSWORD}))["deleteMyAccount"]["receipt"]

        async def complete() -> Any:
            state = (await four.visitor().data(PROOF, {"receipt": receipt}))["accountErasure"]
            return state if state["completedAt"] else None

        proof = await eventually(complete)
        assert proof["missing"] == []
        assert {one["subgraph"] for one in proof["proofs"]} == {"users", "questions", "matching", "collaboration"}
        assert all(one["erasedAt"] for one in proof["proofs"])

        async def only_ids_are_left() -> bool:
            # A subscription that was open at that moment leaves its last traces a moment later; they are swept up.
            return await tables_with(four, pair.ada.id) <= MAY_NAME_THE_ID

        assert await eventually(only_ids_are_left)
        for text in (pair.ada.person["email"], "hers message before leaving", "hers notes before leaving"):
            assert await tables_with(four, text) == set(), text

        # The partner's history stays whole, without the person.
        history = """
            query ($id: ID!) { match(id: $id) { partner { id } question { id } session { id } }
                me { name } session(id: $session) { messages(first: 10) { edges { node { message author { id } } } } } }
        """.replace("($id: ID!)", "($id: ID!, $session: ID!)")
        seen = await pair.bob.data(history, {"id": pair.match_id, "session": pair.session_id})
        assert seen["match"]["partner"] is None
        assert seen["match"]["session"]["id"] == pair.session_id
        words = [edge["node"]["message"] for edge in seen["session"]["messages"]["edges"]]
        assert "his message before leaving" in words
        assert "hers message before leaving" not in words


async def tables_with(four: Four, text: str) -> set[str]:
    """The tables that have the text anywhere in any row."""
    found = set()
    for (table,) in await four.rows(TABLES):
        statement = f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%' || :text || '%'"
        if (await four.rows(statement, text=text))[0][0]:
            found.add(table)
    return found
