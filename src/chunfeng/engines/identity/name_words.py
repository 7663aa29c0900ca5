"""The words around and instead of a person's name: titles, kin, labels, nicknames. Patterns only."""

from __future__ import annotations

import re

_OFFICES = (
    "总经理 董事长 经理 老板娘 老板 老师 师傅 医生 护士 主任 副主任 书记 副书记 支书 村支书 村长 队长 "
    "副队长 组长 小组长 校长 院长 局长 "
    "科长 股长 所长 站长 镇长 乡长 县长 部长 会长 社长 厂长 班长 店长 队员 网格员 网格长 主管 助理 会计 "
    "出纳 文员 干部 警官 法官 律师 "
    "教授 总监 秘书 司机 保安"
).split()
_POLITE = "先生 女士 同志 小姐 太太 同学 老人 大夫".split()
_KIN = (
    "大哥 大姐 大叔 大妈 大爷 大嫂 大娘 大伯 大婶 大姨 阿姨 阿婆 阿公 阿伯 阿叔 阿嫂 阿姐 阿哥 伯母 叔叔 "
    "伯伯 奶奶 爷爷 婶婶 婶子 嫂子 姐姐 "
    "哥哥 妈妈 爸爸 姑姑 舅舅 姨妈 老大 老二 老三 老四 老五 老六 老幺 老汉 老太 老头 表哥 表姐 家属 家的 "
    "妻子 老婆 老公 媳妇"
).split()
TITLES = frozenset(_OFFICES + _POLITE + _KIN)
"""Two letters and more that stand behind (or instead of) a name."""
KIN_ALWAYS = frozenset("婶嫂")
"""One letter that ends no real name."""
KIN_AFTER_ONE = frozenset("伯叔姐哥姨婆爷婶嫂姑舅工总")
"""One letter that is a title behind a single character (陈伯), but may end a full name (王美姐)."""

LABELS = tuple(
    sorted(
        (
            *_OFFICES,
            *(
                "户主 户主姓名 姓名 本人 申请人 联系人 负责人 法人 法定代表人 经办人 走访人 填报人 村民 "
                "居民 低保户 贫困户 脱贫户 监测户 五保户 "
                "残疾人 家长 监护人 代办人 儿子 女儿 妻子 丈夫 配偶 父亲 母亲 爸爸 妈妈 长子 次子 三子 "
                "长女 次女 三女 孙子 孙女 儿媳 女婿 哥哥 "
                "弟弟 姐姐 妹妹 爷爷 奶奶 外婆 外公 公公 婆婆 其子 其女 之子 之女"
            ).split(),
        ),
        key=len,
        reverse=True,
    )
)
"""Words in front of a name, longest first."""

NO_NAMES = frozenset(
    (
        "本人 户主 同户 同上 配偶 儿子 女儿 妻子 丈夫 父亲 母亲 长子 次子 三子 长女 次女 三女 孙子 孙女 "
        "儿媳 女婿 家属 合计 小计 总计 共计 汉族 畲族 未婚 "
        "已婚 离异 丧偶 在家 外出 务工 死亡 男 女 空挂户 集体户 集体户口 五保户 低保户 脱贫户 监测户 "
        "身份证 身份证号 姓名 户主姓名 成员姓名 人员姓名 备注 序号 "
        "联系电话 电话 手机 审核人 填表人 制表人 无业 待业 毕业 初中 小学 高中 大专 本科 文盲 农业 非农业 "
        "居民 城镇 农村 普工 本村 外村 外嫁 拒访 搬迁 迁出 空户 "
        "无人 没人 查无此人 测试 示例 样例 例如 说明 单位 公章 签字 盖章 日期 不找 不用"
    ).split()
)
"""Whole cells that are no one's name."""
EMPTY_NAMES = frozenset("无名 无名氏 未取名 待录入 未登记 不愿透露 匿名 不愿说 某人 某某 某".split())

ORGANISATION = re.compile(
    "公司|集团|合作社|合作联社|有限|经营部|服务部|事务所|委员会|居委会|村委会|工作站|派出所|民政|幼儿园|学校"
    "|小学|中学|医院|卫生院|超市|加工厂|工厂|街道|社区$|[镇乡县市村]$|小组$|[0-9一二三四五六七八九十]组"
)
TRANSLITERATED = frozenset(
    "阿艾依古丽买提吐尔逊江汗木热合曼卡斯巴桑次仁多吉扎西卓玛央金格尼达瓦旺堆顿珠拉姆洛丹增加措白德平普布边米"
    "其美曲克孜迪力努亚森伊萨沙塔那赛麦海地吾甫如苏莱居帕塞穆罕默山玉素娜再夏肯别里坎乌兰图雅斯琴高娃和特朝鲁日松"
)
"""Letters in which Uyghur, Tibetan, Kazakh and Mongol names are written.

Longer names without a dot are taken if they consist of these only.
"""

NICKNAME = re.compile(
    r"^(?:阿.{1,2}|[小老].|[小老大]..|[细满矮胖肥黑矬幺大小二三四].?[妹弟仔哥伯]|.{1,2}[仔佬])$"
)
"""What friends call a person; tried on words that are no full name."""
