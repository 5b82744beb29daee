"""The page at /docs: the API's description as plain HTML, without scripts and without anything from other hosts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

__all__ = ["reference_page"]


def reference_page(description: dict[str, Any]) -> str:
    """Write an OpenAPI description as a page."""
    operations = [
        (method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>splpaint: the API</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/docs.css"><link rel="icon" href="/icon.svg"></head><body><main>'
        f"<h1>{escape(description['info']['title'])}</h1><p>{escape(description['info']['description'])} "
        'For programs: <a href="/openapi.json">openapi.json</a>.</p><nav aria-label="Requests"><ul>',
        *(
            f'<li><a href="#{_anchor(method, path)}"><code>{method} {escape(path)}</code></a> '
            f"{escape(operation.get('summary', ''))}</li>"
            for method, path, operation in operations
        ),
        "</ul></nav>",
    ]
    for method, path, operation in operations:
        parts += _operation(method, path, operation, description)
    return "".join((*parts, "</main></body></html>"))


def _operation(
    method: str, path: str, operation: dict[str, Any], description: dict[str, Any]
) -> Iterator[str]:
    yield f'<section id="{_anchor(method, path)}"><h2><code>{method} {escape(path)}</code></h2>'
    yield f"<p>{escape(operation.get('summary', ''))}. {escape(operation.get('description', ''))}</p>"
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<h3>Request as <code>{escape(kind)}</code></h3>"
        yield from _table(_resolved(content["schema"], description), description)
    for status, answer in operation.get("responses", {}).items():
        yield f"<h3>{escape(status)}: {escape(answer.get('description', ''))}</h3>"
        kinds = answer.get("content", {})
        if status.startswith("2"):
            yield f"<p>{', '.join(f'<code>{escape(kind)}</code>' for kind in kinds)}</p>"
            yield from _table(
                _resolved(kinds.get("application/json", {}).get("schema", {}), description), description
            )
    for sample in operation.get("x-codeSamples", ()):
        yield f"<h3>{escape(sample['lang'])}</h3><pre><code>{escape(sample['source'])}</code></pre>"
    yield "</section>"


def _table(schema: dict[str, Any], description: dict[str, Any]) -> Iterator[str]:
    if not schema.get("properties"):
        return
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Key", "Type", "What it is"))
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    first = sorted(schema["properties"].items(), key=lambda each: each[0] not in schema.get("required", ()))
    for name, told in first:
        needed = " (needed)" if name in schema.get("required", ()) else ""
        default = f" Default: {told['default']}." if told.get("default") not in (None, "") else ""
        yield (
            f'<tr><th scope="row"><code>{escape(name)}</code></th><td>{escape(_type(told, description))}{needed}</td>'
            f"<td>{escape(told.get('description', '') + default)}</td></tr>"
        )
    yield "</tbody></table>"


def _type(schema: dict[str, Any], description: dict[str, Any]) -> str:
    schema = _resolved(schema, description)
    if "anyOf" in schema:
        return " or ".join(_type(each, description) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if schema.get("format") == "binary":
        return "file"
    low, high = schema.get("minimum"), schema.get("maximum")
    return f"{schema.get('type', 'any')}{f' {low} to {high}' if None not in (low, high) else ''}"


def _resolved(schema: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    found = schema
    for step in schema.get("$ref", "").split("/")[1:]:
        found = description if found is schema else found
        found = found[step]
    return found.get("items", found) if found.get("type") == "array" else found


def _anchor(method: str, path: str) -> str:
    return f"{method.lower()}{path.replace('/', '-').translate({123: None, 125: None})}"
