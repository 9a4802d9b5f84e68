#!/usr/bin/env python3
"""/openapi.json: it is OpenAPI 3.1, it says what the server has, and what the server answers is what it says.
Usage: openapi.py PATH/okng-serve BUILD. Prints TAP; Debian's python3-jsonschema checks schemas and answers, where it is installed."""
import copy
import os
import re
import subprocess
import sys

from server import Server, run

try:
    import jsonschema
except ImportError:
    jsonschema = None

OKNG, BUILD = sys.argv[1], sys.argv[2]
METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
TYPE = re.compile(r"^[a-z0-9!#$&^_.+-]+/([a-z0-9!#$&^_.+-]+|\*)$|^\*/\*$")


def references(node):
    """Every $ref below a node."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def faults_of_operation(where, path, operation, ids):
    wanted = set(re.findall(r"{([^}]*)}", path))
    found = set()
    for parameter in operation.get("parameters", []):
        if parameter.get("in") not in ("query", "path", "header", "cookie") or not parameter.get("name"):
            yield f"{where}: a parameter without name or place"
        if "schema" not in parameter and "content" not in parameter:
            yield f"{where}: the parameter {parameter.get('name')} has no schema"
        if parameter.get("in") == "path":
            found.add(parameter["name"])
            if parameter.get("required") is not True:
                yield f"{where}: the part {parameter['name']} of the path is not required"
    if wanted != found:
        yield f"{where}: the path has {sorted(wanted)}, its parameters are {sorted(found)}"
    names = [(parameter.get("in"), parameter.get("name")) for parameter in operation.get("parameters", [])]
    if len(names) != len(set(names)):
        yield f"{where}: a parameter stands twice"
    if operation.get("operationId") in ids or not operation.get("operationId"):
        yield f"{where}: operationId {operation.get('operationId')} is missing or there twice"
    ids.add(operation.get("operationId"))
    if not operation.get("responses"):
        yield f"{where}: no responses"
    for status, response in operation.get("responses", {}).items():
        if not re.fullmatch(r"[1-5]\d\d|[1-5]XX|default", status) or not response.get("description"):
            yield f"{where}: the response {status} is none"
        for media in response.get("content", {}):
            if not TYPE.match(media):
                yield f"{where}: \"{media}\" is no media type"
    body = operation.get("requestBody")
    if body is not None:
        if not body.get("content"):
            yield f"{where}: a body without content"
        for media in body.get("content", {}):
            if not TYPE.match(media):
                yield f"{where}: \"{media}\" is no media type"


def faults(document):
    """What OpenAPI 3.1 does not allow, of what our documents use of it."""
    if not re.fullmatch(r"3\.1\.\d+", document.get("openapi", "")):
        yield "openapi is not 3.1"
    if not document.get("info", {}).get("title") or not document.get("info", {}).get("version"):
        yield "info has no title or version"
    ids, shapes = set(), set()
    for path, item in document.get("paths", {}).items():
        shape = re.sub(r"{[^}]*}", "{}", path)
        if not path.startswith("/") or shape in shapes:
            yield f"{path}: no path, or the same as another"
        shapes.add(shape)
        for method, operation in item.items():
            if method not in METHODS:
                yield f"{path}: {method} is no method"
                continue
            yield from faults_of_operation(f"{method} {path}", path, operation, ids)
            for need in operation.get("security", []):
                for scheme in need:
                    if scheme not in document["components"].get("securitySchemes", {}):
                        yield f"{method} {path}: no security scheme {scheme}"
    schemas = document.get("components", {}).get("schemas", {})
    for reference in references(document):
        if reference.replace("#/components/schemas/", "") not in schemas:
            yield f"{reference} leads nowhere"
    used = {reference.rsplit("/", 1)[1] for reference in references(document)}
    for name in schemas:
        if name not in used:
            yield f"the schema {name} is used by nobody"
    if jsonschema:
        for name, schema in schemas.items():
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
            except jsonschema.SchemaError as error:
                yield f"the schema {name}: {error.message}"


def make_banks(folder):
    """A bank of made pictures, and one of them."""
    fixture = os.path.join(folder, "fixture")
    os.makedirs(fixture)
    subprocess.run([os.path.join(BUILD, "tests", "make_fixture"), fixture], check=True)
    subprocess.run([os.path.join(BUILD, "okng"), "build", "--ok-dir", os.path.join(fixture, "ok"), "--out-dir",
                    os.path.join(folder, "banks", "cloth"), "--backbone", "okng-s", "--quiet"], check=True)
    good = os.path.join(fixture, "ok")
    return os.path.join(good, sorted(os.listdir(good))[0])


server = Server(OKNG)
picture = make_banks(server.folder)
document = server.get("/openapi.json").json()


def the_document_is_openapi():
    found = list(faults(document))
    assert not found, "; ".join(found)


def a_wrong_document_is_found_out():
    """The check itself is checked: each of these must be noticed."""
    def broken(change):
        other = copy.deepcopy(document)
        change(other)
        return bool(list(faults(other)))
    assert broken(lambda d: d.update(openapi="2.0"))
    assert broken(lambda d: d["paths"]["/v1/users"]["get"].pop("responses"))
    assert broken(lambda d: d["paths"]["/v1/users/{name}"]["delete"]["parameters"].pop())
    assert broken(lambda d: d["components"]["schemas"].pop("User"))
    assert broken(lambda d: d["components"]["schemas"].update(Unused={"type": "object"}))
    assert broken(lambda d: d["paths"]["/v1/users"]["post"].update(operationId="get_v1_users"))
    assert broken(lambda d: d["paths"]["/v1/users"]["post"]["requestBody"].update(content={}))
    assert broken(lambda d: d["paths"].update({"/v1/users/{other}": d["paths"]["/v1/users/{name}"]}))
    if jsonschema:
        assert broken(lambda d: d["components"]["schemas"]["User"].update(type="nothing"))


def schema_of(operation, answer):
    """The schema that the document has for an answer; None where its body is no JSON."""
    responses = operation["responses"]
    assert str(answer.status) in responses or answer.status >= 400, (answer.status, list(responses), answer.body[:200])
    response = responses.get(str(answer.status), responses["default"])
    media = answer.headers.get("content-type", "").split(";")[0]
    content = response.get("content", {})
    assert media in content or not content or any(key.endswith("/*") for key in content), (media, list(content))
    return content.get(media, {}).get("schema") if "json" in media else None


def check_answer(path, method, answer):
    schema = schema_of(document["paths"][path][method], answer)
    if schema is None or not jsonschema:
        return
    resolver = jsonschema.RefResolver("", document)
    for error in jsonschema.Draft202012Validator(schema, resolver=resolver).iter_errors(answer.json()):
        raise AssertionError(f"{method} {path}: {error.message} at {list(error.path)} in {answer.body[:300]!r}")


def every_address_that_is_told_is_there():
    """Each operation with made-up parts is answered by its handler or by a problem about those, never as an unknown address."""
    for path, item in document["paths"].items():
        for method in item:
            if path == "/v1/events":
                continue  # goes on for ever
            answer = server.ask(method.upper(), re.sub(r"{[^}]*}", "none", path))
            assert answer.status not in (0, 405, 500), (method, path, answer.status, answer.body[:200])
            if answer.status >= 400:
                assert answer.problem() != "no-such-address", (method, path)
            check_answer(path, method, answer)


def answers_are_what_the_document_says():
    with open(picture, "rb") as file:
        data = file.read()
    path = "/v1/banks/{name}/inspect"
    if path not in document["paths"]:
        return "no bank can be inspected yet"
    answer = server.ask("POST", "/v1/banks/cloth/inspect", [("Content-Type", "image/png")], data)
    assert answer.status == 200, answer.body[:300]
    check_answer(path, "post", answer)
    for path, item in document["paths"].items():
        if "get" not in item or path in ("/v1/events", "/", "/page/{name}"):
            continue
        answer = server.get(path.replace("{name}", "cloth").replace("{id}", answer_id(answer)))
        check_answer(path, "get", answer)
    return None if jsonschema else "needs python3-jsonschema"


def answer_id(answer):
    try:
        return str(answer.json().get("id", "1"))
    except (ValueError, AttributeError):
        return "1"


def stop():
    assert server.stop() == 0


run([the_document_is_openapi, a_wrong_document_is_found_out, every_address_that_is_told_is_there,
     answers_are_what_the_document_says, stop])
