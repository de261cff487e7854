"""The strict serializer: unknown fields, repeated parameters, wrong shapes, all named at once."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict
from rest_framework import serializers

from bright_credit.common.api.fields import CleanCharField, QueryIntegerField, RupeesField
from bright_credit.common.api.serializers import MAX_UNKNOWN_NAMED, Answer, StrictSerializer


class Line(StrictSerializer):
    amount = RupeesField()


class Order(StrictSerializer):
    name = CleanCharField(max_length=10)
    number = serializers.IntegerField(read_only=True)
    lines = Line(many=True, required=False)


class Query(StrictSerializer):
    user_id = CleanCharField(max_length=20)
    limit = QueryIntegerField(default=20)


def codes(serializer: serializers.BaseSerializer[Any]) -> Any:
    assert not serializer.is_valid()
    errors: Any = serializer.errors
    return serializers.ValidationError(errors).get_codes()


def test_a_body_with_known_fields_is_taken() -> None:
    order = Order(data={"name": "Asha", "lines": [{"amount": 5}]})
    assert order.is_valid()
    assert order.validated_data == {"name": "Asha", "lines": [{"amount": 500}]}


def test_an_unknown_field_is_refused_and_the_known_ones_are_listed() -> None:
    order = Order(data={"name": "Asha", "status": "APPROVED"})
    assert codes(order) == {"status": ["unknown_field"]}
    assert order.errors["status"] == ["No such field. Allowed: name, lines."]


def test_a_read_only_field_is_unknown_to_a_body() -> None:
    assert codes(Order(data={"name": "Asha", "number": 1})) == {"number": ["unknown_field"]}


def test_unknown_fields_are_named_along_with_all_other_faults() -> None:
    order = Order(data={"x": 1, "lines": [{"amount": "5"}, {"amount": 5, "y": 1}]})
    assert codes(order) == {
        "name": ["required"],
        "x": ["unknown_field"],
        "lines": {0: {"amount": ["not_a_number"]}, 1: {"y": ["unknown_field"]}},
    }


def test_of_very_many_unknown_fields_a_few_are_named() -> None:
    order = Order(data={"name": "Asha", **{f"x{number}": 1 for number in range(10_000)}})
    assert len(codes(order)) == MAX_UNKNOWN_NAMED


@pytest.mark.parametrize("data", [[], "text", 5, None, True])
def test_what_is_no_object_is_refused(data: Any) -> None:
    order = Order(data={"name": "Asha", "lines": [data]})
    assert not order.is_valid()
    assert "lines" in order.errors


@pytest.mark.parametrize("data", [[], "text", 5, True])
def test_a_body_that_is_no_object_is_refused(data: Any) -> None:
    assert codes(Order(data=data)) == {"non_field_errors": ["not_an_object"]}


def test_a_query_string_is_taken() -> None:
    query = Query(data=QueryDict("user_id=BC-USER-009&limit=5"))
    assert query.is_valid()
    assert query.validated_data == {"user_id": "BC-USER-009", "limit": 5}


def test_a_query_string_may_leave_out_what_has_a_default() -> None:
    query = Query(data=QueryDict("user_id=BC-USER-009"))
    assert query.is_valid()
    assert query.validated_data["limit"] == 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"user_id": ["required"]}),
        ("user_id=", {"user_id": ["blank"]}),
        ("user_id=a&user_id=b", {"user_id": ["repeated_parameter"]}),
        ("user_id=a&user_id=a", {"user_id": ["repeated_parameter"]}),
        ("user_id=a&x=1", {"x": ["unknown_field"]}),
        ("user_id=a&limit=", {"limit": ["not_an_integer"]}),
        ("user_id=a&limit=1e3", {"limit": ["not_an_integer"]}),
        ("user_id=%00", {"user_id": ["invalid_characters"]}),
        ("user_id[]=a", {"user_id": ["required"], "user_id[]": ["unknown_field"]}),
    ],
)
def test_a_bad_query_string_is_refused(text: str, expected: dict[str, list[str]]) -> None:
    assert codes(Query(data=QueryDict(text))) == expected


class PartFields(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    amount = RupeesField(source="amount_paise", read_only=True)


class WholeFields(serializers.Serializer[Any]):
    name = serializers.CharField(source="owner.name")
    on = serializers.DateField(allow_null=True)
    secret = serializers.CharField(write_only=True)
    computed = serializers.IntegerField(source="compute")
    absent = serializers.CharField(source="loan.public_id", default=None, allow_null=True)
    left_out = serializers.CharField(required=False)


class Part(Answer, PartFields):
    pass


class Whole(Answer, WholeFields):
    part = Part(source="*")
    parts = Part(many=True)


class FrameworksPart(PartFields):
    pass


class FrameworksWhole(WholeFields):
    part = FrameworksPart(source="*")
    parts = FrameworksPart(many=True)


def a_thing(**changes: Any) -> dict[str, Any]:
    return {
        "owner": SimpleNamespace(name="Asha"),
        "on": date(2026, 1, 5),
        "compute": lambda: 7,
        "loan": None,
        "number": "4",
        "amount_paise": 12_345,
        "parts": [SimpleNamespace(number=1, amount_paise=100), {"number": 2, "amount_paise": 5}],
    } | changes


#: All of it attributes, as of the values that answers are mostly made of.
PLAIN = {"compute": 7, "loan": SimpleNamespace(public_id="LN-2026-0001"), "left_out": 5}


@pytest.mark.parametrize(
    "changes",
    [{}, {"on": None, "parts": []}, {"left_out": 5}, PLAIN, {**PLAIN, "on": None}],
    ids=str,
)
@pytest.mark.parametrize("made", [SimpleNamespace, dict])
def test_an_answer_has_the_data_that_the_framework_would_give_it(
    made: Any, changes: dict[str, Any]
) -> None:
    thing = made(**a_thing(**changes))
    expected = FrameworksWhole(thing).data
    assert Whole(thing).data == expected
    assert list(Whole(thing).data) == list(expected)
    both: Any = Whole([thing, thing], many=True).data
    assert both == [expected, expected]


def test_an_answer_without_a_value_is_a_programmers_error() -> None:
    with pytest.raises(AttributeError, match="number"):
        _ = Part(SimpleNamespace(amount_paise=1)).data
