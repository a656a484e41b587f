-- SPDX-License-Identifier: Apache-2.0
--
-- What kind of attribute it is to its tenant, such as energy or environment: reports and analytics
-- group by it. The rule for names of the API (ingest/request/limits.h) holds for SQL, too.

ALTER TABLE tenant_attributes
    ADD COLUMN category text NOT NULL DEFAULT 'uncategorized',
    ADD CONSTRAINT category_is_name CHECK (octet_length(category) BETWEEN 1 AND 255
                                           AND category !~ '[\x01-\x1f\x7f]');
