// bittorrent-tracker's WebSocket tracker on a loopback port of its choice. Its own command line imports its client too, which needs
// a WebRTC library for Node that we do not install; the server alone does not. Prints its port, then a line for every announce.
import Server from "bittorrent-tracker/server";

const server = new Server({ http: false, udp: false, ws: true, stats: false });
server.on("error", (error) => { console.error(error); process.exit(1); });
server.on("warning", (warning) => console.error(String(warning)));
for (const event of ["start", "update"]) server.on(event, () => console.log("announce"));
server.listen(0, "127.0.0.1", () => console.log(server.ws.address().port));
process.stdin.on("close", () => process.exit(0)).resume(); // whoever started it is gone
