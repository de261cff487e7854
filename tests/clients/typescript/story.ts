// What a frontend does with the generated client: the contract's story, over a running server.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./brightlend.js";

const baseUrl = process.argv[2];
assert(baseUrl, "usage: story.js http://host:port");
const api = createClient<paths>({ baseUrl });

const registration = await api.POST("/api/v1/users/register", {
  body: {
    aadhar_id: "888877776666",
    name: "Rahul Sharma",
    email: "rahul@brightlend.com",
    annual_income: 1800000,
    employment_type: "SALARIED",
  },
});
assert(registration.data, JSON.stringify(registration.error));
const userId: string = registration.data.user_id;
assert.equal(userId, "BC-USER-009");
assert.equal(registration.data.initial_credit_score, 720);

const scores = await api.GET("/api/v1/credit/scores", { params: { query: { user_id: userId } } });
assert.equal(scores.data?.factors.payment_history, "EXCELLENT");

const applied = await api.POST("/api/v1/loans/apply", {
  body: {
    user_id: userId,
    product: "PERSONAL_LOAN",
    amount: 500000,
    tenure_months: 24,
    purpose: "HOME_RENOVATION",
  },
});
assert.equal(applied.data?.status, "APPROVED");
const loanId = applied.data.loan_id;
assert(loanId);

const order = {
  params: { header: { "Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"' } },
  body: { loan_id: loanId, amount: 1234.56, payment_method: "UPI", reference_id: "TS-1" },
} as const;
const paid = await api.POST("/api/v1/loans/payments", order);
const again = await api.POST("/api/v1/loans/payments", order);
assert.equal(paid.data?.allocation.advance, 1234.56);
assert.deepEqual(again.data, paid.data);
assert.equal(again.response.headers.get("Idempotent-Replayed"), "true");

const page = await api.GET("/api/v1/loans", {
  params: { query: { user_id: userId, status: "ACTIVE", limit: 1 } },
});
assert.deepEqual(page.data?.results.map((loan) => loan.loan_id), [loanId]);
assert.equal(page.data.next, null);

const path = { loan_id: loanId };
const loan = await api.GET("/api/v1/loans/{loan_id}", { params: { path } });
const etag = loan.response.headers.get("ETag");
assert(etag);
const unchanged = await api.GET("/api/v1/loans/{loan_id}", {
  params: { path, header: { "If-None-Match": etag } },
});
assert.equal(unchanged.response.status, 304);

const refused = await api.GET("/api/v1/statements", { params: { query: { loan_id: "LN-1-1" } } });
assert.equal(refused.error?.code, "loan_not_found");
assert.equal(refused.error.status, 404);

console.log("The story is told.");
