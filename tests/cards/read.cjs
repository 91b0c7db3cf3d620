// Reads cards (a JSON array on standard input) with Microsoft's library, and writes what it says against each.
"use strict";
const { AdaptiveCard, SerializationContext, Versions } = require(process.argv[2]);

const answers = JSON.parse(require("fs").readFileSync(0, "utf8")).map((json) => {
  const context = new SerializationContext(Versions.v1_6);
  const card = new AdaptiveCard();
  card.parse(json, context);
  const said = [];
  for (let at = 0; at < context.eventCount; at++) said.push("parse: " + context.getEventAt(at).message);
  for (const event of card.validateProperties().validationEvents) said.push("validate: " + event.message);
  return said;
});
process.stdout.write(JSON.stringify(answers));
