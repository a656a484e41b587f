-- SPDX-License-Identifier: Apache-2.0
-- Whether the partitions of the next days exist, and how many are left to the limit of 1,500.
--
-- Result   day date, exists boolean, partitions bigint, room bigint
SELECT d::date AS day,
       EXISTS (SELECT FROM public.atlas_partitions() p
               WHERE p.first_day <= d::date AND d::date < p.end_day) AS exists,
       n.partitions, 1500 - n.partitions AS room
FROM generate_series((now() AT TIME ZONE 'UTC')::date,
                     (now() AT TIME ZONE 'UTC')::date + 7, interval '1 day') d,
     (SELECT count(*) AS partitions FROM public.atlas_partitions()) n
ORDER BY 1;
