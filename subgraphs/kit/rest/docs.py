"""The docs page of a REST API: one HTML page of ours that reads /v1/openapi.json; nothing is fetched from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from html import escape

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }
details { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
summary:focus-visible { outline: 2px solid; outline-offset: 3px; }
code, pre { font: .9rem ui-monospace, monospace; }
pre { overflow: auto; padding: .6rem; background: color-mix(in srgb, currentColor 8%, transparent); border-radius: 4px; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 700; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem .8rem .15rem 0; vertical-align: top; }
"""
_SCRIPT = """
const make = (tag, text, ...children) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
};
const table = (head, rows) => make('table', '', make('tr', '', ...head.map((text) => make('th', text))),
  ...rows.map((row) => make('tr', '', ...row.map((text) => make('td', text ?? '')))));
const resolve = (schema, all, depth = 0) => {
  if (!schema || typeof schema !== 'object' || depth > 6) return schema;
  if (Array.isArray(schema)) return schema.map((item) => resolve(item, all, depth + 1));
  if (schema.$ref) return resolve(all[schema.$ref.split('/').pop()], all, depth + 1);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolve(value, all, depth + 1)]));
};
const schemaOf = (content) => content && Object.values(content)[0].schema;
fetch('openapi.json').then((response) => response.json()).then((api) => {
  const main = document.querySelector('main');
  main.append(make('p', api.info.description));
  const tags = new Map();
  for (const [path, methods] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0];
      if (!tags.has(tag)) tags.set(tag, []);
      tags.get(tag).push([path, method, operation]);
    }
  for (const [tag, operations] of tags) {
    main.append(make('h2', tag));
    for (const [path, method, operation] of operations) {
      const method_name = make('span', method.toUpperCase());
      method_name.className = 'method';
      const box = make('details', '', make('summary', '', method_name, make('code', path), ' ' + operation.summary));
      if (operation.description) box.append(make('p', operation.description));
      box.append(make('p', operation.security ? 'Needs an access token.' : 'Open to everybody.'));
      if (operation.parameters.length) box.append(make('h3', 'Parameters'), table(['Name', 'In', 'Meaning'],
        operation.parameters.map((one) => [one.name + (one.required ? ' *' : ''), one.in, one.description])));
      const body = schemaOf(operation.requestBody?.content);
      if (body) box.append(make('h3', 'Body'), make('pre', JSON.stringify(resolve(body, api.components.schemas), null, 2)));
      box.append(make('h3', 'Answers'), table(['Status', 'Meaning'],
        Object.entries(operation.responses).map(([status, answer]) => [status, answer.description])));
      for (const [status, answer] of Object.entries(operation.responses))
        if (status < '300' && answer.content)
          box.append(make('pre', JSON.stringify(resolve(schemaOf(answer.content), api.components.schemas), null, 2)));
      main.append(box);
    }
  }
});
"""


def docs_page(title: str) -> str:
    """The page; it is the same for every API but for its title."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f'<body><main><h1>{escape(title)}</h1><p><a href="openapi.json">OpenAPI 3.1 document</a></p></main>'
        f"<script>{_SCRIPT}</script></body></html>"
    )


def _source_hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


DOCS_HEADERS = {
    "content-security-policy": f"default-src 'none'; connect-src 'self'; script-src {_source_hash(_SCRIPT)}; "
    f"style-src {_source_hash(_STYLE)}; frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "public, max-age=300",
    "x-content-type-options": "nosniff",
}
