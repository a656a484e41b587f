-- SPDX-License-Identifier: Apache-2.0
--
-- Data points written per window of 10 seconds, over all sources. The rate of the current window is
-- over the time elapsed in it.
CREATE OR REPLACE VIEW public.v_write_throughput AS
SELECT window_start,
       sum(data_points)::bigint AS data_points,
       round(sum(data_points) / greatest(1, least(10, extract(epoch FROM
           clock_timestamp() - window_start))), 1) AS points_per_second
FROM public.write_throughput
GROUP BY window_start;

-- Deletes the windows older than `retain`. Returns how many rows it deleted.
CREATE OR REPLACE FUNCTION public.atlas_trim_throughput(retain interval DEFAULT '7 days')
RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (DELETE FROM public.write_throughput
                  WHERE window_start < clock_timestamp() - retain RETURNING 1)
    SELECT count(*) FROM gone;
$$;
REVOKE ALL ON FUNCTION public.atlas_trim_throughput(interval) FROM PUBLIC;
