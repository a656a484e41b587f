// SPDX-License-Identifier: Apache-2.0
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import { startClock } from './clock/clock';
import { startRouter } from './route/route';
import { App } from './frame/App';
import { startTitle } from './frame/title';
import { startStatusPoll } from './pulse/pulse';
import { startTheme } from './theme/theme';
import './style/base.css';
import './style/ui.css';
import './style/frame.css';
import './style/filter.css';
import './style/table.css';
import './style/entity.css';
import './style/analytics.css';
import './style/status.css';
import './style/start.css';

startTheme();
startRouter();
startClock();
startStatusPoll();
startTitle();
render(<App />, document.body);
