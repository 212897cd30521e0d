/*
 * Every answer that is not simply the document asked for: stable code, HTTP
 * status, what it says in Chinese, what to do next.  problem+json and the
 * plain pages both come from this table; docs/api.md lists it.
 */

#ifndef WM_VERDICT_H
#define WM_VERDICT_H

#include "wm_base.h"

/* X(name, code, status, sentence, what to do next) */
#define WM_VERDICTS(X)                                                       \
    X(OK, "ok", 200, "", "")                                                 \
    X(CREATED, "created", 201, "", "")                                       \
    X(RESUMED, "resumed", 200,                                               \
      "已登录，您刚才填的内容还在。", "请核对后再提交一次。")                \
    X(BAD_REQUEST, "bad_request", 400,                                       \
      "请求格式不正确。", "请返回上一页重试。")                              \
    X(SIGN_IN, "sign_in", 401,                                               \
      "请先登录。", "登录后再试一次。")                                      \
    X(WRONG_PASSWORD, "wrong_password", 401,                                 \
      "用户名或密码不正确。", "请核对后重新输入。")                          \
    X(CODE_NEEDED, "code_needed", 401,                                       \
      "还需要动态验证码。", "请连同身份验证器上的 6 位数字一起提交。")       \
    X(WRONG_CODE, "wrong_code", 401,                                         \
      "动态验证码不对，或者已经用过。",                                      \
      "每个验证码只能用一次：请等手机上换了新的数字再输入。")                \
    X(CODE_INVALID, "code_invalid", 403,                                     \
      "此码无效或已过期，请扫描现场屏幕上的最新二维码", "")                  \
    X(POSTER_OVER, "poster_over", 403,                                       \
      "这张海报已经失效，不能用来签到。",                                    \
      "请扫描现场屏幕上的二维码，或者请现场工作人员登记。")                  \
    X(DIGITS_INVALID, "digits_invalid", 403,                                 \
      "活动号或验证码不对，或者验证码已经换了。",                            \
      "请照屏幕重新输入。")                                                  \
    X(OPENER_INVALID, "opener_invalid", 403,                                 \
      "屏幕码不对，或者已经换了。",                                          \
      "请照工作台上正在显示的重新输入。")                                    \
    X(CARD_INVALID, "card_invalid", 403,                                     \
      "这张卡认不出来，或者已经失效。",                                      \
      "手机上的卡请刷新后再出示；纸卡失效的，请登记姓名。")                \
    X(SECOND, "second_person", 403,                                          \
      "更正要由另一位工作人员确认。", "请同事或上级单位登录后确认。")        \
    X(OWN_COURSE, "own_course", 403,                                         \
      "课程要由没有参与编写的工作人员审核发布。",                            \
      "请同事或上级单位登录后审核。")                                        \
    X(FOREIGN, "foreign", 403,                                               \
      "请求不是从本站页面发出的。", "请打开本站页面重新提交。")              \
    X(FORBIDDEN, "forbidden", 403,                                           \
      "您没有办理此事的权限。", "请联系上级管理员。")                        \
    X(TOTP_REQUIRED, "totp_required", 403,                                   \
      "本区要求工作人员使用动态验证码。", "请先在“登录安全”页面开启。")    \
    X(NOT_ATTENDED, "not_attended", 403,                                     \
      "只有用这部手机在活动现场签到过的人才能评价。",                        \
      "如果是用别的手机签到的，请用那部手机打开。")                          \
    X(SMS_WRONG, "sms_wrong", 403,                                           \
      "验证码不对。", "请核对短信里的 6 位数字；输错 5 次就要重新获取。")    \
    X(VERIFY_FIRST, "verify_first", 403,                                     \
      "请先验证手机号。", "打开“我的”，验证手机号以后再办理。")              \
    X(ASK_OFFICE, "ask_office", 403,                                         \
      "这里不能在网上核实手机号。",                                          \
      "请到就近的文明实践站，请工作人员办理。")                              \
    X(WECHAT_OVER, "wechat_over", 403,                                       \
      "微信登录已失效。", "请打开“我的”，重新点“微信登录”。")                \
    X(NOT_FOUND, "not_found", 404,                                           \
      "没有找到您要的内容。", "它可能已被移走，请从首页重新查找。")          \
    X(NOT_ALLOWED, "method_not_allowed", 405,                                \
      "不支持这种请求方法。", "")                                            \
    X(CONFLICT, "conflict", 409,                                             \
      "内容刚刚被别人改动。", "请刷新页面，核对后重试。")                    \
    X(STATE, "state", 409,                                                   \
      "当前状态不能这样操作。", "请刷新页面查看最新状态。")                  \
    X(PAST, "event_past", 409,                                               \
      "活动的时间已经过去。",                                                \
      "时间填错了请先改正；确实要补发已经办过的活动，请勾选后再发布。")      \
    X(STALE, "stale", 409,                                                   \
      "这一步隔得太久，已经失效。", "请从头再来一次。")                      \
    X(NOT_OVER, "not_over", 409,                                             \
      "活动还没有结束。", "活动结束后再标记完成。")                          \
    X(NOT_PAST, "not_past", 409,                                             \
      "期望日期还没有过完。", "期望日期都过去后才能按过期关闭。")            \
    X(NO_PARENT, "no_parent", 409,                                           \
      "上面没有可以上报的单位。", "请在本单位派单，或说明原因不予受理。")    \
    X(NOT_OPEN, "not_open", 409,                                             \
      "签到还没有开始。", "活动开始前两小时起可以签到。")                    \
    X(CLOSED, "closed", 409,                                                 \
      "活动已结束，签到已关闭。", "如确已到场，请现场工作人员补登。")        \
    X(NOT_IN, "not_checked_in", 409,                                         \
      "还没有签到，不能签退。", "请先扫描签到码。")                          \
    X(NO_ENROL, "no_enrol", 409,                                             \
      "这场活动不用报名。", "按时到场，扫码签到即可。")                      \
    X(ENROL_EARLY, "enrol_early", 409,                                       \
      "报名还没有开始。", "请在报名开始后再来。")                            \
    X(ENROL_OVER, "enrol_over", 409,                                         \
      "报名已经截止。", "还想参加的，请向主办单位的工作人员询问。")          \
    X(OFFER_OVER, "offer_over", 409,                                         \
      "没有在时限内确认，名额已让给下一位。", "还想参加，可以重新报名候补。")\
    X(NO_PLACE, "no_place", 409,                                             \
      "这场活动要先报名，没有查到您的名额。",                                \
      "请核对姓名和手机号；没有报名的，请现场工作人员安排并登记。")          \
    X(RATE_EARLY, "rating_early", 409,                                       \
      "活动还没有结束，先不能评价。",                                        \
      "签退以后，或者活动结束以后，就可以评价。")                            \
    X(RATING_CLOSED, "rating_closed", 409,                                   \
      "这场活动的评价已经截止。", "活动结束后 30 天以内可以评价。")          \
    X(CODE_OVER, "code_over", 409,                                           \
      "验证码已失效。", "请重新获取验证码。")                                \
    X(TOO_LARGE, "too_large", 413,                                           \
      "提交的内容太大。", "请删减到 16 KB 以内。")                           \
    X(MEDIA_TYPE, "media_type", 415,                                         \
      "提交的格式不受支持。", "请使用 JSON 或网页表单。")                    \
    X(INVALID, "invalid", 422,                                               \
      "有内容需要更正。", "请按提示修改后再提交。")                          \
    X(KEY_REUSED, "key_reused", 422,                                         \
      "同一个提交编号对应了不同的内容。", "请刷新页面后重新填写。")          \
    X(INCOMPLETE, "incomplete", 422,                                         \
      "时间、内容、地点、对象填全后才能发布。", "请补充后再发布。")          \
    X(TOO_MANY, "too_many", 429,                                             \
      "尝试次数过多。", "请改为扫描屏幕上的二维码。")                        \
    X(MANY_OPENERS, "many_openers", 429,                                     \
      "屏幕码输错次数过多。",                                                \
      "五分钟后可以再试；也可以直接打开工作台上的网址。")                    \
    X(MANY_ORDERS, "many_orders", 429,                                       \
      "一小时内点单太多。", "请过一会儿再点。")                              \
    X(MANY_ENROL, "many_enrolments", 429,                                    \
      "一小时内报名太多。", "请过一会儿再报名。")                            \
    X(MANY_WISHES, "many_wishes", 429,                                       \
      "一小时内提交的心愿太多。", "请过一会儿再提交。")                      \
    X(MANY_CODES, "many_codes", 429,                                         \
      "获取验证码太频繁。",                                                  \
      "一分钟可以获取一次，一小时最多五次；已收到的十分钟内有效。")          \
    X(ALL_CODES, "all_codes", 429,                                           \
      "这一小时发出的验证码太多，暂时不能获取。",                            \
      "已收到的可以直接填写；没有收到，请下一个整点后再获取。")              \
    X(MANY_CHECK_INS, "many_check_ins", 429,                                 \
      "这部手机一小时内签到的人太多。", "请现场工作人员登记。")              \
    X(MANY_HERE, "many_here", 429,                                           \
      "这个网络上的新访客一小时内太多了。",                                  \
      "请关掉无线网络，改用手机流量再试；或者请现场工作人员办理。")          \
    X(MANY_DATA, "many_requests", 429,                                       \
      "一小时内办理次数太多。", "请过一会儿再试。")                          \
    X(TRY_LATER, "try_later", 429,                                           \
      "密码或验证码输错次数过多，请稍后再试。", "一刻钟后可以再试。")        \
    X(INTERNAL, "internal", 500,                                             \
      "系统内部出错，本次操作可能没有完成。", "请稍后重试。")                \
    X(UNAVAILABLE, "unavailable", 503,                                       \
      "系统暂时繁忙。", "请稍后重试。")                                      \
    X(SMS_AWAY, "sms_away", 503,                                             \
      "短信还没有确认发出。",                                                \
      "收到了验证码，可以直接填写；没有收到，请一分钟后重新获取。")          \
    X(WECHAT_AWAY, "wechat_away", 503,                                       \
      "微信没有确认您是谁。", "请稍后再试，或者用短信验证手机号。")          \
    X(NOT_DURABLE, "not_durable", 503,                                       \
      "存储暂不可靠，已停止接收新的登记。", "请稍后重试，或请工作人员手工登记。")

typedef enum {
#define X(name, code, status, text, next)  WM_VERDICT_##name,
    WM_VERDICTS(X)
#undef X
} wm_verdict_t;

const char *wm_verdict_code(wm_verdict_t v);
unsigned wm_verdict_status(wm_verdict_t v);
const char *wm_verdict_text(wm_verdict_t v);
const char *wm_verdict_next(wm_verdict_t v);

#endif /* WM_VERDICT_H */
