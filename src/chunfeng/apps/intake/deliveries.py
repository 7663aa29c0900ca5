"""What was handed in: deliveries, the files in them, the tables read from the files, and what people settled about them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Organisation
from chunfeng.apps.places.numbers import region_code
from chunfeng.apps.places.scoped import PlacedModel
from chunfeng.apps.vault import files
from chunfeng.apps.vault.fields import SealedTextField
from chunfeng.apps.vault.json import SealedJSONField
from chunfeng.reference import regions


class HandedIn(PlacedModel):
    """A row that came with a delivery. `organisation`: whose list it is; empty for the labour office itself."""

    owner_field = "organisation_id"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("报送单位")
    )

    class Meta(PlacedModel.Meta):
        abstract = True

    @property
    def office(self) -> str:
        """Who handed it in, in words: the organisation, the town or village, or the county's labour office."""
        if self.organisation is not None:
            return self.organisation.name
        code = region_code(self.place)
        region = regions.get(code) if len(code) > 6 else None
        return gettext("本级人社部门") if region is None else region.name


class Delivery(HandedIn):
    """Files sent at one time for one place. `place`: the county, or the town or village that sent them."""

    class State(models.TextChoices):
        READING = "reading", _("读取中")
        OPEN = "open", _("待处理")
        CLOSED = "closed", _("已处理")

    county = models.CharField(_("县"), max_length=6)
    sender = models.BigIntegerField(_("报送人"), null=True)
    sender_name = models.CharField(_("报送人"), max_length=60, blank=True)
    at = models.DateTimeField(_("报送时间"), auto_now_add=True)
    received = models.DateField(
        _("收到日期"), default=today, help_text=_("是否按时以这一天为准：先前送来、后来录入的，是送来的那天")
    )
    as_of = models.DateField(_("数据截至"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    campaign = models.CharField(_("活动"), max_length=50, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.READING)

    class Meta(HandedIn.Meta):
        verbose_name = _("报送")
        verbose_name_plural = _("报送")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("place", "-id"), name="delivery_by_place"),
            models.Index(fields=("organisation", "-id"), name="delivery_by_organisation"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class SentFile(HandedIn):
    """One file as it was sent. The sealed original is kept whatever comes of it."""

    class Kind(models.TextChoices):
        TABLE = "table", _("表格")
        BUNDLE = "bundle", _("压缩包")
        ATTACHMENT = "attachment", _("附件")

    class State(models.TextChoices):
        WAITING = "waiting", _("等待读取")
        READING = "reading", _("读取中")
        READ = "read", _("已读取")
        REFUSED = "refused", _("未能读取")
        DUPLICATE = "duplicate", _("与以前的文件相同")
        KEPT = "kept", _("作为附件保存")

    UNREAD = (State.WAITING, State.READING)

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="files")
    county = models.CharField(_("县"), max_length=6)
    name = models.CharField(_("文件名"), max_length=300)
    path = models.CharField(_("在报送文件夹中的名称"), max_length=400)
    size = models.BigIntegerField(_("字节数"))
    sha256 = models.CharField(_("摘要"), max_length=64)
    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices)
    stored = models.CharField(max_length=files.NAME_LENGTH)
    picture = models.CharField(max_length=files.NAME_LENGTH, blank=True, help_text=_("重新编码后的照片"))
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.WAITING)
    refusal = models.CharField(_("原因代码"), max_length=40, blank=True)
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name=_("相同的文件")
    )
    step = models.CharField(_("步骤"), max_length=40, blank=True)
    done = models.IntegerField(_("已完成"), default=0)
    total = models.IntegerField(_("总量"), default=0)
    reading = models.IntegerField(_("第几次读取"), default=0, help_text=_("只有最后一次的结果算数"))
    sources = models.JSONField(_("包内文件"), default=list)
    seconds = models.FloatField(_("读取用时"), null=True)

    class Meta(HandedIn.Meta):
        verbose_name = _("报送文件")
        verbose_name_plural = _("报送文件")
        ordering = ("pk",)
        indexes = (models.Index(fields=("county", "sha256"), name="file_by_content"),)
        constraints = (models.UniqueConstraint(fields=("county", "path"), name="one_file_per_path"),)

    def __str__(self) -> str:
        return self.name


class Extract(HandedIn):
    """One table of a file: what it is, how its columns were understood, whether it was accepted.

    `series`: what one list has in common with its later versions; `table`, `cells`: sealed Parquet files with the typed
    records and the rows as sent; `plan`: columns, header rows and nearest kinds.
    """

    class State(models.TextChoices):
        NOTE = "note", _("说明页，不作名单")
        NEEDS_MAPPING = "needs_mapping", _("须确认表类和列")
        READ = "read", _("待接收")
        HELD = "held", _("暂停，待复核")
        ACCEPTED = "accepted", _("已接收")
        PARTLY = "partly", _("部分接收")
        REJECTED = "rejected", _("已退回")
        UNDONE = "undone", _("已撤回")
        SUPERSEDED = "superseded", _("已由新版替换")

    class Mapping(models.TextChoices):
        DETECTED = "detected", _("自动判定")
        SAVED = "saved", _("沿用以前确认的")
        PERSON = "person", _("人工确认")

    OPEN = (State.NOTE, State.NEEDS_MAPPING, State.READ, State.HELD)
    """Cells and columns may still be put right."""
    ACTIVE = (State.ACCEPTED, State.PARTLY)
    """Part of the next run."""

    file = models.ForeignKey(SentFile, models.PROTECT, related_name="extracts")
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="extracts")
    county = models.CharField(_("县"), max_length=6)
    source = models.TextField(_("文件"))
    sheet = models.TextField(_("表"), blank=True)
    kind = models.CharField(_("名单种类"), max_length=40, blank=True)
    confidence = models.FloatField(_("把握"), default=0)
    department = models.CharField(_("部门"), max_length=20, blank=True)
    period = models.DateField(_("月份"), null=True)
    region = models.CharField(_("表上的地区"), max_length=12, blank=True)
    rows = models.IntegerField(_("行数"), default=0)
    records = models.IntegerField(_("记录数"), default=0)
    row_kinds = models.JSONField(_("各类行数"), default=dict)
    errors = models.IntegerField(_("须改正"), default=0)
    warnings = models.IntegerField(_("请核对"), default=0)
    infos = models.IntegerField(_("知悉"), default=0)
    error_rows = models.IntegerField(_("须改正的行"), default=0)
    plan = SealedJSONField(_("列对应"), null=True)
    mapping = models.CharField(
        _("列对应来源"), max_length=8, choices=Mapping.choices, default=Mapping.DETECTED
    )
    table = models.CharField(max_length=files.NAME_LENGTH, blank=True)
    cells = models.CharField(max_length=files.NAME_LENGTH, blank=True)
    state = models.CharField(_("状态"), max_length=13, choices=State.choices)
    brakes = models.JSONField(_("须复核的原因"), default=list)
    series = models.CharField(_("同一名单"), max_length=120, blank=True)
    version = models.IntegerField(_("第几版"), default=0, help_text=_("接收时编号"))
    replaces = models.BooleanField(_("替换上一版"), default=True)
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="supersedes", verbose_name=_("由哪一版替换")
    )
    left_out = models.JSONField(_("未接收的行"), default=list)
    stale = models.BooleanField(_("改动后待重读"), default=False)
    decided_by = models.BigIntegerField(_("处理人"), null=True)
    decided_at = models.DateTimeField(_("处理时间"), null=True)
    message = models.CharField(_("退回或撤回的理由"), max_length=300, blank=True)
    held_by = models.BigIntegerField(_("提出接收的人"), null=True)
    held_for = models.BigIntegerField(_("代谁提出"), null=True)
    reason = models.CharField(_("复核理由"), max_length=300, blank=True)

    class Meta(HandedIn.Meta):
        verbose_name = _("名单")
        verbose_name_plural = _("名单")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("place", "state", "-id"), name="extract_by_state"),
            models.Index(fields=("county", "series", "-id"), name="extract_by_series"),
            models.Index(fields=("county", "kind", "-id"), name="extract_by_kind"),
        )
        constraints = (
            models.UniqueConstraint(fields=("file", "source", "sheet"), name="one_extract_per_sheet"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.sheet}".strip()

    @property
    def open(self) -> bool:
        return self.state in self.OPEN

    @property
    def active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def header_last(self) -> int:
        """The last row of the header, 0 where there is none: rows after it may be put right."""
        rows = (self.plan or {}).get("header_rows")
        return int(rows[1]) if rows else 0


class ExtractIssue(HandedIn):
    """One problem found while reading; of a file as a whole where `extract` is empty. Message: the catalogue's, by code."""

    file = models.ForeignKey(SentFile, models.CASCADE, related_name="issues")
    extract = models.ForeignKey(Extract, models.CASCADE, null=True, related_name="issues")
    position = models.IntegerField(_("次序"))
    row = models.IntegerField(_("行"), null=True)
    column = models.CharField(_("列"), max_length=120, blank=True)
    rank = models.SmallIntegerField(_("程度"), help_text=_("0 须改正，1 请核对，2 知悉"))
    code = models.CharField(_("代码"), max_length=40)
    value = SealedTextField(_("单元格内容"), null=True)

    class Meta(HandedIn.Meta):
        verbose_name = _("名单中的问题")
        verbose_name_plural = _("名单中的问题")
        ordering = ("file", "position")
        indexes = (
            models.Index(fields=("extract", "rank", "position"), name="issue_by_rank"),
            models.Index(fields=("extract", "code", "position"), name="issue_by_code"),
            models.Index(fields=("extract", "row"), name="issue_by_row"),
            models.Index(fields=("file", "position"), name="issue_by_file"),
        )


class CellEdit(HandedIn):
    """A cell put right on the screen; the last one of a cell holds. `column`: its position, the first is 0."""

    extract = models.ForeignKey(Extract, models.PROTECT, related_name="edits")
    row = models.IntegerField(_("行"))
    column = models.IntegerField(_("列"))
    header = models.CharField(_("表头"), max_length=120, blank=True)
    old = SealedTextField(_("原内容"), null=True)
    new = SealedTextField(_("改为"), null=True)
    by = models.BigIntegerField(_("修改人"), null=True)
    by_name = models.CharField(_("修改人"), max_length=60, blank=True)
    at = models.DateTimeField(_("时间"), auto_now_add=True)

    class Meta(HandedIn.Meta):
        verbose_name = _("单元格修改")
        verbose_name_plural = _("单元格修改")
        ordering = ("pk",)
        indexes = (models.Index(fields=("extract", "row"), name="edit_by_row"),)


class SavedMapping(HandedIn):
    """How a sender's tables with one header are understood, as a person confirmed it. `fingerprint`: of the header.

    `titled`: codes of the kinds that the titles of the table named, in order, by commas: it does not hold for a table
    whose titles name another.
    """

    fingerprint = models.CharField(_("表头指纹"), max_length=64)
    signature = SealedTextField(_("表头"))
    kind = models.CharField(_("名单种类"), max_length=40)
    titled = models.TextField(_("标题所指的种类"), blank=True)
    columns = SealedJSONField(_("列对应"))
    by = models.BigIntegerField(_("确认人"), null=True)
    at = models.DateTimeField(_("时间"), auto_now=True)

    class Meta(HandedIn.Meta):
        verbose_name = _("已确认的列对应")
        verbose_name_plural = _("已确认的列对应")
        constraints = (
            models.UniqueConstraint(
                fields=("place", "organisation", "fingerprint", "titled"),
                name="one_mapping_per_sender_and_header",
                nulls_distinct=False,
            ),
        )
