-- Who takes the payer's money. Nothing stands for the card networks, which is the rule: such rows
-- neither grow by this column nor get into its index.
ALTER TABLE receipt ADD COLUMN acquirer TEXT CHECK (acquirer = 'payme');

-- The ids of these receipts are given elsewhere and do not tell when a receipt was born.
CREATE INDEX receipt_acquired ON receipt (kassa_id, created_at) WHERE acquirer IS NOT NULL;
