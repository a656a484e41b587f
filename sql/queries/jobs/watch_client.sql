-- SPDX-License-Identifier: Apache-2.0
--
-- Lets the server look every second whether the session's client is still there while a statement
-- runs, so that nothing runs on after a process was killed. Fails where the server's operating
-- system cannot tell.
--
-- Result  one row, to be ignored
-- Caller  src/jobs/runner.cc
SELECT set_config('client_connection_check_interval', '1s', false)
