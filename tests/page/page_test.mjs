// SPDX-License-Identifier: Apache-2.0
//
// Goal: what a person does with the page works, through the real server, in a real browser.
// Method: independent scenarios; each brings its own data and begins with an empty browser profile
// (scene.mjs), so that any of them runs alone: `tests/page/run NAME`.
import { play } from './scene.mjs';
import './scenarios/start.mjs';
import './scenarios/list.mjs';
import './scenarios/entity.mjs';
import './scenarios/live.mjs';
import './scenarios/views.mjs';
import './scenarios/analytics.mjs';
import './scenarios/frame.mjs';
import './scenarios/outage.mjs';

play(process.argv.slice(2));
