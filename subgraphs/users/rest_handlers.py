"""What the operations of the REST face do: one call to a service each."""

from __future__ import annotations

from ..kit.pagination import PageRequest
from ..kit.rest import Reply, RestCall, page_reply
from . import rest_models
from .context import Services
from .models import User
from .rest_models import ErasureAnswer, SessionAnswer, TokensAnswer, UserAnswer
from .session_service import LogIn
from .sessions import Device

Call = RestCall[Services]


async def sign_up(call: Call) -> Reply:
    command = call.body(rest_models.SignUpBody).to_command(call.idempotency_key)
    return Reply(TokensAnswer.from_tokens(await call.services.users.sign_up(command, _device(call))), status=201)


async def log_in(call: Call) -> Reply:
    body = call.body(rest_models.LogInBody)
    tokens = await call.services.sessions.log_in(LogIn(body.email, body.password), _device(call))
    return Reply(TokensAnswer.from_tokens(tokens), status=201)


async def refresh_tokens(call: Call) -> Reply:
    tokens = await call.services.sessions.refresh(call.body(rest_models.RefreshBody).refresh_token)
    return Reply(TokensAnswer.from_tokens(tokens))


async def list_my_sessions(call: Call) -> Reply:
    sessions = await call.services.sessions.list_live(call.viewer)
    return Reply(rest_models.SessionListAnswer(items=[SessionAnswer.model_validate(one) for one in sessions]))


async def log_out(call: Call) -> Reply:
    await call.services.sessions.log_out(call.viewer)
    return Reply()


async def revoke_session(call: Call) -> Reply:
    await call.services.sessions.revoke(call.viewer, call.path_id())
    return Reply()


async def get_me(call: Call) -> Reply:
    user = await call.services.users.current(call.viewer)
    assert user is not None, "the operation needs a log-in"
    return _private_reply(user)


async def update_me(call: Call) -> Reply:
    command = call.body(rest_models.ProfileBody).to_command(call.expected_version)
    return _private_reply(await call.services.users.update_profile(call.viewer, command))


async def delete_me(call: Call) -> Reply:
    password = call.body(rest_models.DeletionBody).password
    return Reply(ErasureAnswer.from_state(await call.services.erasure.delete_own_account(call.viewer, password)))


async def request_export(call: Call) -> Reply:
    state = await call.services.exports.request(call.viewer)
    location = {"location": f"/v1/me/exports/{state.export.id}"}
    return Reply(rest_models.ExportAnswer.from_state(state), status=202, headers=location)


async def list_exports(call: Call) -> Reply:
    states = await call.services.exports.list_mine(call.viewer)
    return Reply(rest_models.ExportListAnswer(items=[rest_models.ExportAnswer.from_state(state) for state in states]))


async def get_export(call: Call) -> Reply:
    return Reply(rest_models.ExportAnswer.from_state(await call.services.exports.get(call.viewer, call.path_id())))


async def get_export_document(call: Call) -> Reply:
    state = await call.services.exports.whole(call.viewer, call.path_id())
    headers = {"content-disposition": f'attachment; filename="tandem-{state.export.id}.json"'}
    return Reply(rest_models.ExportDocumentAnswer.from_state(state), headers=headers)


async def request_email_verification(call: Call) -> Reply:
    await call.services.credentials.request_email_verification(call.viewer)
    return Reply()


async def verify_email(call: Call) -> Reply:
    await call.services.credentials.verify_email(call.body(rest_models.ConfirmationBody).token)
    return Reply()


async def change_password(call: Call) -> Reply:
    body = call.body(rest_models.ChangePasswordBody)
    await call.services.credentials.change_password(call.viewer, body.current_password, body.new_password)
    return Reply()


async def request_password_reset(call: Call) -> Reply:
    await call.services.credentials.request_password_reset(call.body(rest_models.EmailBody).email, _device(call))
    return Reply()


async def reset_password(call: Call) -> Reply:
    body = call.body(rest_models.ResetPasswordBody)
    tokens = await call.services.credentials.reset_password(body.token, body.new_password, _device(call))
    return Reply(TokensAnswer.from_tokens(tokens))


async def get_erasure(call: Call) -> Reply:
    return Reply(ErasureAnswer.from_state(await call.services.erasure.state_by_receipt(call.path_id("receipt_id"))))


async def list_users(call: Call) -> Reply:
    query = call.query(rest_models.UserQuery)
    request = PageRequest(query.first, query.after)
    page = await call.services.admin.list_users(call.viewer, query.to_filter(), query.sort, request)
    items = [UserAnswer.from_model(user, is_private=True) for user in page.items]
    end_cursor = page.cursors[-1] if page.cursors else None
    body = rest_models.UserListAnswer(items=items, end_cursor=end_cursor, has_next_page=page.has_next_page)
    return page_reply(body, page)


async def create_user(call: Call) -> Reply:
    command = call.body(rest_models.CreateUserBody).to_command(call.idempotency_key)
    user = await call.services.admin.create_user(call.viewer, command)
    return Reply(UserAnswer.from_model(user, is_private=True), status=201, headers={"location": f"/v1/users/{user.id}"})


async def get_user(call: Call) -> Reply:
    users = call.services.users
    user = await users.get(call.path_id())
    is_private = await users.may_see_private(call.viewer, user.id)
    return Reply(UserAnswer.from_model(user, is_private=is_private), version=user.version)


async def delete_user(call: Call) -> Reply:
    return Reply(ErasureAnswer.from_state(await call.services.erasure.delete_account(call.viewer, call.path_id())))


async def set_role(call: Call) -> Reply:
    role = call.body(rest_models.RoleBody).role
    return _private_reply(await call.services.admin.set_role(call.viewer, call.path_id(), role))


async def suspend_user(call: Call) -> Reply:
    reason = call.body(rest_models.SuspensionBody).reason
    return _private_reply(await call.services.admin.suspend(call.viewer, call.path_id(), reason))


async def reinstate_user(call: Call) -> Reply:
    return _private_reply(await call.services.admin.reinstate(call.viewer, call.path_id()))


def _private_reply(user: User) -> Reply:
    """For the person, or for an admin, whom the service has let in."""
    return Reply(UserAnswer.from_model(user, is_private=True), version=user.version)


def _device(call: Call) -> Device:
    return Device(user_agent=call.request.headers.get("user-agent"), address=call.client_address)
