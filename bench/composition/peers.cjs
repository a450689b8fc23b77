// Compose one JSON file {"subgraphs": [{name, url, sdl}]} with a peer from npm; print {seconds, megabytes, composes}.
//   NODE_PATH=/path/to/node_modules node peers.cjs apollo|hive FILE.json
const fs = require('fs');
const [peer, file] = process.argv.slice(2);
const { subgraphs } = JSON.parse(fs.readFileSync(file, 'utf8'));
const { parse } = require('graphql');

function compose() {
  if (peer === 'apollo') {
    const { composeServices } = require('@apollo/composition');
    return composeServices(subgraphs.map((s) => ({ name: s.name, url: s.url, typeDefs: s.sdl }))).supergraphSdl;
  }
  const { composeServices } = require('@theguild/federation-composition');
  return composeServices(subgraphs.map((s) => ({ name: s.name, url: s.url, typeDefs: parse(s.sdl) }))).supergraphSdl;
}

require(peer === 'apollo' ? '@apollo/composition' : '@theguild/federation-composition');
const cpu = process.cpuUsage();
const composes = typeof compose() === 'string';
const used = process.cpuUsage(cpu);
const seconds = (used.user + used.system) / 1e6;
console.log(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024, composes }));
