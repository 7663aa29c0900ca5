"""A small book in YAML, as a county would write it, for tests that break it."""

FACTS = """
facts:
  - {fact: sex, name: 性别, english: Sex, entity: person, type: code, values: {male: 男, female: 女},
     absence: open, evidence: 身份证}
  - {fact: birth_date, name: 出生日期, english: Birth, entity: person, type: date, absence: open, evidence: 身份证}
  - {fact: hukou, name: 户籍性质, english: Hukou kind, entity: person, type: code, values: {urban: 城镇, rural: 农村},
     absence: open, evidence: 户口簿}
  - {fact: registered, name: 登记失业, english: Registered unemployed, entity: person, type: yes_no, absence: closed,
     sources: [unemployment_register], shelf_life: 62, evidence: 就业创业证}
  - {fact: since, name: 失业登记日, english: Registered since, entity: person, type: date, absence: open,
     applies_when: registered, evidence: 就业创业证登记页}
  - {fact: working, name: 在业, english: Working, entity: person, type: yes_no, absence: adverse_only, evidence: 走访记录}
  - {fact: land_left, name: 剩余耕地比例, english: Land left, entity: person, type: decimal, absence: open, evidence: 承包证}
  - {fact: children, name: 子女数, english: Children, entity: person, type: integer, absence: open, evidence: 户口簿}
  - {fact: staff, name: 职工数, english: Staff, entity: employer, type: integer, absence: open, evidence: 参保名册}
"""
BOOK = """
parameters:
  - parameter: older_male
    name: 男性大龄
    type: integer
    unit: 周岁
    values:
      - {area: "35", from: 2008-01-01, value: 50, source: 闽政〔2008〕18号}
      - {area: "3502", from: 2020-01-01, to: 2022-12-31, value: 45, source: 厦府〔2020〕1号}
definitions:
  - {definition: not_working, name: 未就业, entity: person, when: NOT working}
  - {definition: gate, name: 共同条件, entity: person, gate: true, when: registered AND not_working}
bases:
  jobless: {hukou: urban, registered: true, working: false}
rules:
  - rule: A1
    kind: recognition
    name: 大龄城镇居民
    english: Older urban resident
    entity: person
    versions:
      - version: A1-2008
        valid_from: 2008-01-01
        area: "35"
        source: {document: 闽政〔2008〕18号, article: 第十条, status: verified}
        when: >-
          gate AND hukou = 'urban'
          AND ((sex = 'male' AND age(birth_date) >= :older_male) OR (sex = 'female' AND age(birth_date) >= 40))
    examples:
      - {is: yes, as_of: 2023-01-15, because: 当天满50周岁, base: jobless, facts: {sex: male, birth_date: 1973-01-15}}
      - {is: no, as_of: 2023-01-15, because: 次日才满, base: jobless, facts: {sex: male, birth_date: 1973-01-16}}
      - {is: unknown, as_of: 2023-01-15, because: 性别不明, base: jobless, facts: {birth_date: 1978-01-15}}
  - rule: A7
    kind: recognition
    name: 城镇零就业家庭人员
    english: Member of a zero-employment household
    entity: person
    versions:
      - version: A7-2008
        valid_from: 2008-01-01
        area: "35"
        source: 闽政〔2008〕18号
        when: registered AND months(since) >= 3 AND all_members(NOT working)
    examples:
      - {is: yes, as_of: 2023-01-15, because: 当天满, base: jobless, facts: {since: 2022-10-15}, members: [{working: false}]}
      - {is: no, as_of: 2023-01-15, because: 有人在业, base: jobless, facts: {since: 2022-10-15}, members: [{working: true}]}
      - {is: unknown, as_of: 2023-01-15, because: 同户不明, base: jobless, facts: {since: 2022-10-15}}
"""
