import { spawn } from "node:child_process";

/** Opens an address in the user's browser. @param failed is told when there is none to be had */
export function openBrowser(address: string, failed: (reason: string) => void): void {
  const [program, ...args] = commandFor(process.platform);
  const child = spawn(program!, [...args, address], { stdio: "ignore", detached: true });
  child.on("error", ({ message }) => failed(`Cannot open a browser: ${message}`));
  child.unref();
}

function commandFor(platform: NodeJS.Platform): string[] {
  if (platform === "darwin") return ["open"];
  return platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
}
