"""The endpoints of statements, explanations and documents: reads, one selector each."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.idempotency import idempotent
from bright_credit.common.api.renderers import JSONRenderer
from bright_credit.common.api.schema import REFUSED_BY_RULES
from bright_credit.common.api.serializers import StrictSerializer
from loan.serializers.requests import QuoteRequest
from statements.domain.financial_year import parse_financial_year
from statements.domain.papers.key_facts import key_facts_paper
from statements.domain.papers.letters import (
    foreclosure_paper,
    interest_certificate_paper,
    no_dues_paper,
    sanction_letter_paper,
)
from statements.domain.papers.paper import Paper
from statements.domain.papers.statement import statement_paper
from statements.pdf.answers import FormatOrAccept, PdfRenderer
from statements.selectors.document_list import document_list
from statements.selectors.documents import (
    account_statement,
    foreclosure_letter,
    interest_certificate,
    key_facts_of_loan,
    no_dues_certificate,
    sanction_letter,
)
from statements.selectors.explanations import explained_amounts
from statements.selectors.offers import offered_key_facts
from statements.selectors.statement import statement
from statements.serializers.documents import (
    DocumentListAnswer,
    DocumentQuery,
    ForeclosureLetterAnswer,
    ForeclosureLetterQuery,
    InterestCertificateAnswer,
    InterestCertificateQuery,
    KeyFactsAnswer,
    NoDuesCertificateAnswer,
    SanctionLetterAnswer,
    StatementDocumentQuery,
)
from statements.serializers.explanations import ExplanationQuery, ExplanationsAnswer
from statements.serializers.statement import StatementAnswer, StatementQuery
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.domain.scopes import Scope

View = TypeVar("View", bound=Callable[..., Any])

_AS_OF = OpenApiParameter(
    "as_of", str, description="A day from the disbursement to today (default: now)."
)
_KNOWN_AT = OpenApiParameter(
    "known_at",
    str,
    description="As it was known at an instant, such as 2026-03-15T09:30:00Z (default: now). "
    "Without `as_of`, of the day of that instant.",
)
_FORMAT = OpenApiParameter(
    "format",
    str,
    enum=["json", "pdf"],
    description="As what to answer; without it the `Accept` header decides (default: JSON).",
)

_READS_STATEMENTS = Rule(permission="loan.view_loan", scope=Scope.STATEMENTS_READ, borrowers=True)


class StatementView(APIView):
    """A loan's statement."""

    access = {"GET": _READS_STATEMENTS}

    @extend_schema(
        operation_id="get_statement",
        summary="A loan's statement",
        parameters=[StatementQuery],
        responses=StatementAnswer,
    )
    def get(self, request: Request) -> Response:
        """Return what was asked, what was paid and what is left, as of a day."""
        asked = _checked(StatementQuery, request.query_params)
        drawn = statement(
            asked["loan_id"],
            as_of=asked.get("as_of"),
            today=business_day.today(),
            caller=caller_of(request),
            known_at=asked.get("known_at"),
        )
        return Response(StatementAnswer(drawn).data)


class ExplanationsView(APIView):
    """The amounts of a loan's statement, explained."""

    access = {"GET": _READS_STATEMENTS}

    @extend_schema(
        operation_id="explain_amounts",
        parameters=[
            OpenApiParameter(
                "amount",
                str,
                description="An amount by its place in the statement, or a group of them "
                "(default: all).",
                examples=[
                    OpenApiExample("An amount", "instalments.3.interest"),
                    OpenApiExample("A group", "loan_summary"),
                ],
            ),
            _AS_OF,
            _KNOWN_AT,
        ],
        responses=ExplanationsAnswer,
    )
    def get(self, request: Request, loan_id: str) -> Response:
        """Return how each amount comes about: steps, operands, rounding, rule."""
        asked = _checked(ExplanationQuery, request.query_params)
        found = explained_amounts(
            loan_id,
            amount=asked.get("amount"),
            as_of=asked.get("as_of"),
            today=business_day.today(),
            caller=caller_of(request),
            known_at=asked.get("known_at"),
        )
        return Response(ExplanationsAnswer(found).data)


class DocumentListView(APIView):
    """The documents of a loan."""

    access = {"GET": _READS_STATEMENTS}

    @extend_schema(operation_id="list_documents", responses=DocumentListAnswer)
    def get(self, request: Request, loan_id: str) -> Response:
        """Return which documents the loan has today, and where they are."""
        _checked(StrictSerializer, request.query_params)
        found = document_list(loan_id, today=business_day.today(), caller=caller_of(request))
        return Response(DocumentListAnswer(found, context={"loan_id": loan_id}).data)


def _document(
    operation_id: str, answer: type[Any], *parameters: OpenApiParameter, **described: Any
) -> Callable[[View], View]:
    """Return the description of a document, which is answered as JSON or as PDF."""
    return extend_schema(
        operation_id=operation_id,
        parameters=[*parameters, _FORMAT],
        responses={
            (200, JSONRenderer.media_type): answer,
            (200, PdfRenderer.media_type): OpenApiTypes.BINARY,
            **REFUSED_BY_RULES,
        },
        **described,
    )


class DocumentView(APIView):
    """A document, as JSON or as PDF."""

    renderer_classes = (JSONRenderer, PdfRenderer)
    content_negotiation_class = FormatOrAccept

    def document(
        self, request: Request, said: object, *, form: type[Any], paper: Callable[[], Paper]
    ) -> Response:
        """Return what the document says, or its pages."""
        if not isinstance(request.accepted_renderer, PdfRenderer):
            return Response(form(said).data)
        drawn = paper()
        name = f'inline; filename="{drawn.filename}.pdf"'
        return Response(drawn, headers={"Content-Disposition": name})


class OfferedKeyFactsView(DocumentView):
    """The Key Facts Statement of an offer."""

    access = {
        "POST": Rule(permission="loan.view_loanproduct", scope=Scope.LOANS_QUOTE, borrowers=True)
    }

    @_document("offered_key_facts", KeyFactsAnswer, request=QuoteRequest)
    @idempotent
    def post(self, request: Request) -> Response:
        """Return the Key Facts Statement of a loan as it would be paid out. Nothing is written."""
        _checked(DocumentQuery, request.query_params)
        asked = _checked(QuoteRequest, request.data)
        kfs = offered_key_facts(
            product_code=asked["product"],
            amount_paise=asked["amount"],
            tenure_months=asked["tenure_months"],
            user_id=asked.get("user_id"),
            today=business_day.today(),
            caller=caller_of(request),
        )
        return self.document(request, kfs, form=KeyFactsAnswer, paper=lambda: key_facts_paper(kfs))


class KeyFactsView(DocumentView):
    """The Key Facts Statement of a loan."""

    access = {"GET": _READS_STATEMENTS}

    @_document("key_facts", KeyFactsAnswer)
    def get(self, request: Request, loan_id: str) -> Response:
        """Return the Key Facts Statement of the loan, as it was paid out."""
        _checked(DocumentQuery, request.query_params)
        kfs = key_facts_of_loan(loan_id, caller=caller_of(request))
        return self.document(request, kfs, form=KeyFactsAnswer, paper=lambda: key_facts_paper(kfs))


class SanctionLetterView(DocumentView):
    """The sanction letter of a loan."""

    access = {"GET": _READS_STATEMENTS}

    @_document("sanction_letter", SanctionLetterAnswer)
    def get(self, request: Request, loan_id: str) -> Response:
        """Return the sanction letter, with the terms the loan was granted on."""
        _checked(DocumentQuery, request.query_params)
        letter = sanction_letter(loan_id, caller=caller_of(request))
        return self.document(
            request, letter, form=SanctionLetterAnswer, paper=lambda: sanction_letter_paper(letter)
        )


class StatementDocumentView(DocumentView):
    """The statement of a loan as a document."""

    access = {"GET": _READS_STATEMENTS}

    @_document("statement_document", StatementAnswer, _AS_OF)
    def get(self, request: Request, loan_id: str) -> Response:
        """Return the loan's statement, for people as PDF."""
        asked = _checked(StatementDocumentQuery, request.query_params)
        drawn, printed = account_statement(
            loan_id,
            as_of=asked.get("as_of"),
            today=business_day.today(),
            caller=caller_of(request),
        )
        return self.document(
            request, drawn, form=StatementAnswer, paper=lambda: statement_paper(printed)
        )


class InterestCertificateView(DocumentView):
    """The interest certificate of a loan for a financial year."""

    access = {"GET": _READS_STATEMENTS}

    @_document(
        "interest_certificate",
        InterestCertificateAnswer,
        OpenApiParameter(
            "financial_year",
            {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
            required=True,
            description="April to March; the current year gives a provisional certificate.",
            examples=[OpenApiExample("A year", "2025-26")],
        ),
    )
    def get(self, request: Request, loan_id: str) -> Response:
        """Return what was paid of interest and principal in a financial year."""
        asked = _checked(InterestCertificateQuery, request.query_params)
        certificate = interest_certificate(
            loan_id,
            financial_year=parse_financial_year(asked["financial_year"]),
            today=business_day.today(),
            caller=caller_of(request),
        )
        return self.document(
            request,
            certificate,
            form=InterestCertificateAnswer,
            paper=lambda: interest_certificate_paper(certificate),
        )


class ForeclosureLetterView(DocumentView):
    """The foreclosure letter of a loan."""

    access = {"GET": _READS_STATEMENTS}

    @_document(
        "foreclosure_letter", ForeclosureLetterAnswer, OpenApiParameter("on", OpenApiTypes.DATE)
    )
    def get(self, request: Request, loan_id: str) -> Response:
        """Return what closes the loan on a day, today or up to 31 days later."""
        asked = _checked(ForeclosureLetterQuery, request.query_params)
        letter = foreclosure_letter(
            loan_id, on=asked.get("on"), today=business_day.today(), caller=caller_of(request)
        )
        return self.document(
            request, letter, form=ForeclosureLetterAnswer, paper=lambda: foreclosure_paper(letter)
        )


class NoDuesCertificateView(DocumentView):
    """The no-dues certificate of a closed loan."""

    access = {"GET": _READS_STATEMENTS}

    @_document("no_dues_certificate", NoDuesCertificateAnswer)
    def get(self, request: Request, loan_id: str) -> Response:
        """Return the certificate that nothing is owed; refused while something is."""
        _checked(DocumentQuery, request.query_params)
        certificate = no_dues_certificate(
            loan_id, today=business_day.today(), caller=caller_of(request)
        )
        return self.document(
            request,
            certificate,
            form=NoDuesCertificateAnswer,
            paper=lambda: no_dues_paper(certificate),
        )


def _checked(form: type[Any], data: object) -> dict[str, Any]:
    serializer = form(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
