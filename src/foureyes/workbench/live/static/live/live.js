// @ts-check
/** Starts the live channel of a page that names one, and what shows what comes over it. */

import { firstShown } from "../pages/first.js";
import { Channel } from "./channel.js";
import { showPeople } from "./people.js";
import { renewPieces } from "./renewing.js";
import { tellChanges } from "./telling.js";

const place = document.getElementById("live");
if (place) {
  const about = place.dataset.about ?? "me";
  const officer = place.dataset.officer ?? "";
  tellChanges(place, about, officer);
  renewPieces(officer);
  showPeople(about, officer);
  const channel = new Channel(about, place.dataset.since ?? "");
  void firstShown.then(() => channel.start());
}
