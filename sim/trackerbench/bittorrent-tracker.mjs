// bittorrent-tracker's WebSocket tracker on a loopback port of its choice, saying nothing of announces: that would cost it time. Its
// own command line imports its client too, which needs a WebRTC library for Node that we do not install; the server alone does not.
// Argument: the folder of npm packages. Prints its address; ends with its standard input.
import path from "node:path";
import { pathToFileURL } from "node:url";

const { default: Server } = await import(pathToFileURL(path.resolve(process.argv[2], "bittorrent-tracker/server.js")));
const server = new Server({ http: false, udp: false, ws: true, stats: false });
server.on("error", (error) => { console.error(error); process.exit(1); });
server.on("warning", () => {});
server.listen(0, "127.0.0.1", () => console.log(`ws://127.0.0.1:${server.ws.address().port}`));
process.stdin.on("close", () => process.exit(0)).resume(); // whoever started it is gone
