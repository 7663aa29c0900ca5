"""Forms of the campaign's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.campaigns import measured
from chunfeng.apps.campaigns.models import Activity, Campaign, Indicator, OwedList, Partner, TargetGroup
from chunfeng.apps.campaigns.words import kind_name, target_groups
from chunfeng.engines.sheets.kinds import load_kinds


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Lines(forms.CharField):
    """One entry per line."""

    widget = forms.Textarea(attrs={"rows": 6})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if any(len(line) > 200 for line in value):
            raise forms.ValidationError(_("每条不超过200字。"))


class CampaignForm(forms.ModelForm):
    class Meta:
        model = Campaign
        fields = (
            "code",
            "name",
            "fair_name",
            "theme",
            "document",
            "issued",
            "starts",
            "ends",
            "summary_due",
            "goals",
        )
        widgets = {name: Day() for name in ("issued", "starts", "ends", "summary_due")} | {
            "goals": forms.Textarea(attrs={"rows": 4})
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["code"].disabled = True


_DUE = {"due": Day()}
_DEPARTMENT = {"department": _("与“单位”里该单位的部门一致，如“民政”，应报名单才对得上")}
_CODE = {"code": _("字母或数字，一次活动里不重复，如 jobs")}
_DEFINITION = {"definition": forms.Textarea(attrs={"rows": 3})}


class PartForm(forms.ModelForm):
    """A form of something whose campaign is given; what must be unique in the campaign is checked with it."""

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"campaign"}


def _chosen_from(field: forms.Field, choices: list[tuple[str, str]], now: str) -> None:
    """Offer these; what stands there already stays on offer."""
    kept = [(now, now)] if now and now not in dict(choices) else []
    field.choices = [*choices, *kept]  # type: ignore[attr-defined]


class TargetGroupForm(PartForm):
    code = forms.ChoiceField(label=_("类别"), help_text=_("规则库能判定的服务对象"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _chosen_from(self.fields["code"], [("", gettext("请选择")), *target_groups()], self.instance.code)

    class Meta:
        model = TargetGroup
        fields = ("code", "words", "paragraph", "position")


class ActivityForm(PartForm):
    class Meta:
        model = Activity
        fields = ("name", "words", "paragraph", "position")


class PartnerForm(PartForm):
    duties = Lines(label=_("职责"), required=False, help_text=_("一行一条"))

    class Meta:
        model = Partner
        fields = ("department", "name", "issuer", "duties", "position")
        help_texts = _DEPARTMENT


class OwedListForm(forms.ModelForm):
    kind = forms.ChoiceField(label=_("名单种类"))

    class Meta:
        model = OwedList
        fields = ("partner", "kind", "name", "due", "monthly", "by_town", "basis")
        widgets = _DUE

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = Partner.objects.filter(campaign=campaign)
        kinds = sorted(load_kinds().values(), key=lambda kind: (kind.department, kind.code))
        self.fields["kind"].choices = [("", _("请选择"))] + [
            (kind.code, gettext(kind.department) + gettext("：") + kind_name(kind)) for kind in kinds
        ]


class IndicatorForm(PartForm):
    measure = forms.ChoiceField(
        label=_("平台取数"), required=False, help_text=_("平台能自动统计的项目；没有合适的，由各地填报")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = [("", gettext("由各地填报")), *measured.choices()]
        _chosen_from(self.fields["measure"], counted, self.instance.measure)

    class Meta:
        model = Indicator
        fields = ("code", "name", "unit", "counting", "definition", "source", "measure", "position")
        widgets = _DEFINITION
        help_texts = _CODE


class TargetsForm(forms.Form):
    """One number per indicator."""

    def __init__(self, *args: Any, indicators: list[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in indicators:
            self.fields[f"indicator-{each.pk}"] = forms.IntegerField(
                label=gettext("%(name)s（%(unit)s）") % {"name": each.name, "unit": each.unit},
                help_text=each.definition,
                required=False,
                min_value=0,
                max_value=10**12,
                initial=each.own_target,  # type: ignore[attr-defined]
            )

    def values(self) -> dict[int, int | None]:
        return {int(name.removeprefix("indicator-")): value for name, value in self.cleaned_data.items()}
