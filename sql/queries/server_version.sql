-- SPDX-License-Identifier: Apache-2.0
-- The server's version, to reject one that is too old.
--
-- Result      one row: version integer, as 150004
SELECT current_setting('server_version_num')::integer AS version;
