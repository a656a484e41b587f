-- SPDX-License-Identifier: Apache-2.0
--
-- Written data points per window of 10 seconds, all sources together; the current window counts
-- by the time that has passed of it.
CREATE OR REPLACE VIEW public.v_write_throughput AS
SELECT window_start,
       sum(data_points)::bigint AS data_points,
       round(sum(data_points) / greatest(1, least(10, extract(epoch FROM
           clock_timestamp() - window_start))), 1) AS points_per_second
FROM public.write_throughput
GROUP BY window_start;

-- What is left of every window older than a week.
CREATE OR REPLACE FUNCTION public.atlas_trim_throughput(retain interval DEFAULT '7 days')
RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (DELETE FROM public.write_throughput
                  WHERE window_start < clock_timestamp() - retain RETURNING 1)
    SELECT count(*) FROM gone;
$$;
REVOKE ALL ON FUNCTION public.atlas_trim_throughput(interval) FROM PUBLIC;
