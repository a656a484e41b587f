-- SPDX-License-Identifier: Apache-2.0
--
-- A double attribute holds ints beyond 2^53 by their values, in whatever order they arrive: nothing
-- has to carry which came before its first fraction. The objects that follow give the functions
-- dropped here other parameters or results.

DROP FUNCTION IF EXISTS public.atlas_register(public.entity_values_pending[]);
DROP FUNCTION IF EXISTS public.atlas_resolve(public.entity_values_pending[], timestamptz, date[],
                                             bigint[]);
