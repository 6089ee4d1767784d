// Starts `erpq lsp` and hands it scripts (.erpq) and notebooks (.erpq.md).
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const settings = workspace.getConfiguration("erpq");
  const server = { command: settings.get("path"), args: ["lsp", ...settings.get("arguments")] };
  client = new LanguageClient("erpq", "erpq", server, {
    documentSelector: [
      { language: "erpq" },
      { language: "markdown", pattern: "**/*.erpq.md" },
    ],
  });
  await client.start();
};

exports.deactivate = () => client?.stop();
