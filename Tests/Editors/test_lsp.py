"""The language server under a public client, as Neovim and as Visual Studio Code.

    pip install pytest-lsp
    ERPQ=erpq python -m pytest Tests/Editors/test_lsp.py
"""

import os

import pytest
import pytest_lsp
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

ERPQ = os.environ.get("ERPQ", "erpq")

@pytest_lsp.fixture(config=ClientServerConfig(server_command=[ERPQ, "lsp"]),
                    params=["neovim", "visual_studio_code"])
async def client(request, lsp_client: LanguageClient):
    await lsp_client.initialize_session(t.InitializeParams(
        capabilities=client_capabilities(request.param), root_uri="file:///tmp"))
    yield
    await lsp_client.shutdown_session()

URI = "file:///tmp/a.erpq"
def opened(client, text, uri=URI):
    client.text_document_did_open(t.DidOpenTextDocumentParams(
        text_document=t.TextDocumentItem(uri=uri, language_id="erpq", version=1, text=text)))
def pos(l, c, uri=URI):
    return dict(text_document=t.TextDocumentIdentifier(uri=uri), position=t.Position(line=l, character=c))

@pytest.mark.asyncio
async def test_diagnostics(client: LanguageClient):
    opened(client, "sales | limt 3\n")
    await client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    [d] = client.diagnostics[URI]
    assert d.code == "E0202" and d.range.start.character == 8
    actions = await client.text_document_code_action_async(t.CodeActionParams(
        text_document=t.TextDocumentIdentifier(uri=URI), range=d.range, context=t.CodeActionContext(diagnostics=[d])))
    assert actions[0].title == "Write `limit`"

@pytest.mark.asyncio
async def test_all(client: LanguageClient):
    text = 'let n = 3\n# 😀\nforecast product "Corner Desk" horizon 30 | where me\nproducts | limit $n\ndef f(x) = round($x, 2)\n'
    opened(client, text)
    items = await client.text_document_completion_async(t.CompletionParams(**pos(2, 52)))
    assert any(i.label.startswith("mean") for i in items.items) or items.items, items
    records = await client.text_document_completion_async(t.CompletionParams(**pos(2, 22)))
    assert any("Desk" in i.label for i in records.items), records
    hover = await client.text_document_hover_async(t.HoverParams(**pos(2, 2)))
    assert "forecast" in hover.contents.value
    sig = await client.text_document_signature_help_async(t.SignatureHelpParams(**pos(4, 21)))
    assert sig.signatures[0].label.startswith("round(") and sig.signatures[0].active_parameter == 1
    d = await client.text_document_definition_async(t.DefinitionParams(**pos(3, 18)))
    assert d.range.start.line == 0
    r = await client.text_document_rename_async(t.RenameParams(new_name="m", **pos(3, 18)))
    assert len(r.changes[URI]) == 2
    p = await client.text_document_prepare_rename_async(t.PrepareRenameParams(**pos(3, 18)))
    s = await client.text_document_document_symbol_async(t.DocumentSymbolParams(text_document=t.TextDocumentIdentifier(uri=URI)))
    assert [x.name for x in s] == ["n", "f"]
    opened(client, "sales|limit 3", "file:///tmp/b.erpq")
    f = await client.text_document_formatting_async(t.DocumentFormattingParams(
        text_document=t.TextDocumentIdentifier(uri="file:///tmp/b.erpq"), options=t.FormattingOptions(tab_size=2, insert_spaces=True)))
    assert f[0].new_text == "sales | limit 3\n"
    k = await client.text_document_semantic_tokens_full_async(t.SemanticTokensParams(text_document=t.TextDocumentIdentifier(uri=URI)))
    assert len(k.data) % 5 == 0 and k.data
