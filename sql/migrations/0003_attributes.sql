-- SPDX-License-Identifier: Apache-2.0
--
-- An int attribute becomes double with its first fraction, whatever ints it holds: nothing has to
-- remember any more that some of them are beyond 2^53. The objects that follow give the functions
-- dropped here other parameters or results.

DROP FUNCTION IF EXISTS public.atlas_catalog_of(public.entity_values_pending[]);
DROP FUNCTION IF EXISTS public.atlas_register(public.entity_values_pending[]);
DROP FUNCTION IF EXISTS public.atlas_resolve(public.entity_values_pending[], timestamptz, date[]);
ALTER TABLE public.tenant_attributes DROP COLUMN wide_ints;
