-- SPDX-License-Identifier: Apache-2.0
--
-- Raised when an external id of the tenant comes to mean another entity or none, together with
-- catalog_epoch: gateways then drop what they cache of the tenant's external ids.

ALTER TABLE tenants ADD COLUMN entities_epoch bigint NOT NULL DEFAULT 0;
