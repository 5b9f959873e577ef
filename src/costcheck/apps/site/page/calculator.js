// The calculator of the site: widget.js, answered by Python in this page rather than by a server.
import { call, ready } from "./engine.js";
import { SLOW, show } from "./widget.js";

const state = document.getElementById("engine");
const wanted = location.hash; // the prices of a link
let first = JSON.parse(document.getElementById("first").textContent);

// The first answer is in the page: there is something to see before Python is there.
async function ask(question) {
  if (!first) return call("answer", question);
  const answer = first;
  first = null;
  return answer;
}

state.textContent = "At the articles' prices. Python is loading; then the sliders answer.";
let loading = true;
const late = () => loading ? "Python is still loading; what you have changed is computed then." : SLOW;
show({ ask, el: document.getElementById("calculator"), ownPage: true, late });
ready.then(() => {
  loading = false;
  state.textContent = "Everything is computed in this page. Nothing you enter is sent anywhere.";
  if (wanted) location.replace(wanted);
}, () => { state.textContent = "At the articles' prices: Python could not be loaded."; });
