/// Published and generated messages of Alipay with valid signatures.
///
/// AL-RESP-1 and AL-NOTIFY-1 were signed by Alipay and come from the tests of its Node SDK. AL-REQ-1 and -2 were signed
/// with a key that was discarded. RSA by PKCS#1 v1.5 gives one signature per text, so a valid signature proves the
/// text.
enum AlipayVectors {
    struct Request: Sendable {
        let name: String
        let parameters: [String: String]
        let signString: String
        let signature: String
    }

    /// AL-RESP-1: a reply of `alipay.open.file.upload`.
    enum Reply {
        static let node = "alipay_open_file_upload_response"
        static let body = #"""
            {"alipay_open_file_upload_response":{"code":"10000","msg":"Success","file_id":"CAxAToWB1Js\#
            AAAAAAAAAAAAADgSLAQBr"},"sign":"F+LDzpTNiavn7xVZPGuPCSSVRSmWzJGgtuji6tVELGEaqMaNj0jRKXUEr5\#
            nloZJBBmwEnddOyCjjepMmrTKTvoOqQ0Efxpr/R1iEeHTHVbb/Q8TTh6Up5gHJDkILdaWS2q1cWeQ6VT+HQY9P3WRX\#
            S7uhILHuDODIhpAyCu5KhWGt0rMCIG+Im6NODJP2oohtSCtmTFXg58HH587Z2y2bdbjzOxLvzD9IrU1imghXQ2S/Q+\#
            wMIvRk9on6cWnBLkrNvJKapA2ReNGWOwyuASvB9zDVzhMPbR+3mfRGkVDxsq5HYLjBKGskJMXHw0HuugZij6ScRuaL\#
            PODhmHwr/pJ9yw=="}
            """#
        static let signed = #"""
            {"code":"10000","msg":"Success","file_id":"CAxAToWB1JsAAAAAAAAAAAAADgSLAQBr"}
            """#
        static let alipayKey = #"""
            MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAk7LzhmMa2c4qQd4fqAqenfbuFoA7stPKvoS1LrZEsVnOOG\#
            UUjwoa1oU9xsSPjcOWhIerU/VAN4J95GIAXx59ipcleIyfLn2FhHXPgLJpvo+b2jJFyn/1/DbeJDh+0yDVAOf50Z7H\#
            hI0mdUhFMkXlT7BU0ZMtJf/TmISFEfhDU/w6qFd6D42L97byAkq0K6LroglSVF24GqJEa7hSeUIkZWj7RasykXrc2u\#
            VJ1+ejkXE0LyPxa2AHykMGbJLf5SiZvaNzUZgnKIR36mLOHpQ/2JCXxhXZYUWHzy0kMH54JcUEeksFWBYLGvLjV1ph\#
            bcUIc3Q76tIuqApY6E222OoZZQIDAQAB
            """#
    }

    /// AL-NOTIFY-1: a payment, signed without its `sign_type`.
    enum Notice {
        static let fields: [String: String] = [
            "gmt_create": #"2019-08-15 15:56:22"#,
            "charset": #"utf-8"#,
            "seller_email": #"z97-yuquerevenue@service.aliyun.com"#,
            "subject": #"语雀空间 500人规模"#,
            "sign": #"""
            QfTb8tqE1BMhS5qAnXtvsF3/jBkEvu9q9en0pdbBUDDjvKycZhQb7h8GDs4FKfi049PynaNuatxSgLb/nLWZpXyyh0\#
            LEWdK2S6Ri7nPwrVgOs08zugLO20vOQz44y3ti2Ncm8/wZts1Fr2gZ7pShnVX3d1B50hbsXnObT1r/U8ONNQjWXd0H\#
            Iul4TG+Q3fm3svmSvFEy0WnzuhcyHPX5Gm4ELNctL6Qd5YniGJFNcc7kopHYtI/XD9YCKCH6Ct02rzUs9i11C9Csad\#
            tZn+WhxF26Dqt9sGEFajkJ8cxUTLi8+VCpLHsgPE8P0y095uQcDdK0YjCh4x7wVSov+lrmOQ==
            """#,
            "buyer_id": #"2088102534368455"#,
            "invoice_amount": #"0.10"#,
            "notify_id": #"2019081500222155624068450559358070"#,
            "notify_type": #"trade_status_sync"#,
            "trade_status": #"TRADE_SUCCESS"#,
            "receipt_amount": #"0.10"#,
            "buyer_pay_amount": #"0.10"#,
            "sign_type": #"RSA2"#,
            "app_id": #"2019073166072302"#,
            "seller_id": #"2088531891668739"#,
            "gmt_payment": #"2019-08-15 15:56:24"#,
            "notify_time": #"2019-08-15 15:56:25"#,
            "version": #"1.0"#,
            "out_trade_no": #"20190815155618536-564-57"#,
            "total_amount": #"0.10"#,
            "trade_no": #"2019081522001468450512505578"#,
            "auth_app_id": #"2019073166072302"#,
            "buyer_logon_id": #"xud***@126.com"#,
            "point_amount": #"0.00"#,
            "fund_bill_list": #"[{"amount":"0.10","fundChannel":"ALIPAYACCOUNT"}]"#,
        ]
        static let signed = #"""
            app_id=2019073166072302&auth_app_id=2019073166072302&buyer_id=2088102534368455&buyer_logon\#
            _id=xud***@126.com&buyer_pay_amount=0.10&charset=utf-8&fund_bill_list=[{"amount":"0.10","f\#
            undChannel":"ALIPAYACCOUNT"}]&gmt_create=2019-08-15 15:56:22&gmt_payment=2019-08-15 15:56:\#
            24&invoice_amount=0.10&notify_id=2019081500222155624068450559358070&notify_time=2019-08-15\#
             15:56:25&notify_type=trade_status_sync&out_trade_no=20190815155618536-564-57&point_amount\#
            =0.00&receipt_amount=0.10&seller_email=z97-yuquerevenue@service.aliyun.com&seller_id=20885\#
            31891668739&subject=语雀空间 500人规模&total_amount=0.10&trade_no=2019081522001468450512505578&tr\#
            ade_status=TRADE_SUCCESS&version=1.0
            """#
        static let alipayKey = #"""
            MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqObrdC7hrgAVM98tK0nv3hSQRGGKT4lBsQjHiGjeYZjOPI\#
            PHR5knm2jnnz/YGIXIofVHkA/tAlBAd5DrY7YpvI4tP5EONLtZKC2ghBMx7McI2wRD0xiqzxOQr1FuhZGJ8/AUokBz\#
            JrzY+aGX2xcOrxFYRlFilvVLTXg4LWjR1tdPkO6+i7wQZAIVMClPkwVRZEbaERRHlKqTzv2gGv5rDU8gRoe1LeaN+6\#
            BlbTqHWkQcNCUNrA8C6l17XAXGKDsm/9TFWwO8EPHHHCaQdjtV5/FdcWIt+L8SR1ss7EXTjYDFtxcKVv9rEoY1lX8T\#
            4mX+GbXfZHraG5NCF1+XioL5JwIDAQAB
            """#
    }

    static let requestKey = #"""
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArfDRBtLRfffHA7hgK2viKzUtZtu24h4T3c2XyJyLjsLRcm\#
        WU9SEx0XgUSLQRz7hujFkC7nq3uen/lrkTsgC/viXN/Duawmu0+jgS5PcQdHIifRuwie4qQ737ieRjLh8PNpYpxVVY\#
        oLUQytqdU+xuXs8mzHA4Qg+8GQ3SNArAlYhvHfOvUKU2Kp4f4RwIu4AGhMRIH4Ki1fH2dMUO4lbm59M8GsRAXbbXGh\#
        mjQD7bxpfT69sMq4iGItIU3+RPkIygb8pDWxxnnVyugcRlvy51H1aJ3VG1z5CXHHKyPd5DrSU1b+44mepv5LiddD9C\#
        ezrezsDi+mlKcOdmiTdys8dQ+QIDAQAB
        """#

    static let requests = [
        Request(
            name: "AL-REQ-1",
            parameters: [
                "app_id": #"2021000000000001"#,
                "charset": #"utf-8"#,
                "format": #"JSON"#,
                "sign_type": #"RSA2"#,
                "timestamp": #"2030-01-02 03:04:05"#,
                "version": #"1.0"#,
                "method": #"alipay.trade.precreate"#,
                "notify_url": #"https://pay.example.com/notify/alipay"#,
                "biz_content": #"""
                {"out_trade_no":"T_1","total_amount":"0.10","subject":"测试 a+b%20\"q\"","product_code":"QR_\#
                CODE_OFFLINE","time_expire":"2030-01-02 03:34:05"}
                """#,
            ],
            signString: #"""
                app_id=2021000000000001&biz_content={"out_trade_no":"T_1","total_amount":"0.10","subject":\#
                "测试 a+b%20\"q\"","product_code":"QR_CODE_OFFLINE","time_expire":"2030-01-02 03:34:05"}&cha\#
                rset=utf-8&format=JSON&method=alipay.trade.precreate&notify_url=https://pay.example.com/no\#
                tify/alipay&sign_type=RSA2&timestamp=2030-01-02 03:04:05&version=1.0
                """#,
            signature: #"""
                k3APn1j+fqGE5yh1hO6LSYGg7YkQuuSEVLoVSvR0CWy3iMAYGDQDurlWtbcZlYWygOaej89GAoSQVnT5AInXhGiAaG\#
                az/9LGBtYVVoWZr9TiRWmbRDYgnQPOnLOV43utYhTgOv9QQE6V0mmRyIOqoKl0Q/aQglFOcd6AZmOK632uRmM/hbmU\#
                NOC8d6yaZiz0WG6yD84xuXIdtkH9aSRaBasmUe+NfhMG+5K9Vbt0SAf9bpqpP2Wd/SrEU0QTAzDpJwKBp5bcKddYie\#
                Pdfx+T60sKNhqUNk67mMk6b9UonDieCgPtm1gEnOUALvbgvyCjmcFdDVOI3RZHLbnjCY1bVA==
                """#),
        Request(
            name: "AL-REQ-2",
            parameters: [
                "app_id": #"2021000000000001"#,
                "charset": #"utf-8"#,
                "format": #"JSON"#,
                "sign_type": #"RSA2"#,
                "timestamp": #"2030-01-02 03:04:05"#,
                "version": #"1.0"#,
                "method": #"alipay.trade.page.pay"#,
                "notify_url": #"https://pay.example.com/notify/alipay"#,
                "return_url": #"https://shop.example.com/r?x=1&y=2"#,
                "biz_content": #"""
                {"out_trade_no":"T_1","total_amount":"88.88","subject":"Iphone6","product_code":"FAST_INST\#
                ANT_TRADE_PAY"}
                """#,
            ],
            signString: #"""
                app_id=2021000000000001&biz_content={"out_trade_no":"T_1","total_amount":"88.88","subject"\#
                :"Iphone6","product_code":"FAST_INSTANT_TRADE_PAY"}&charset=utf-8&format=JSON&method=alipa\#
                y.trade.page.pay&notify_url=https://pay.example.com/notify/alipay&return_url=https://shop.\#
                example.com/r?x=1&y=2&sign_type=RSA2&timestamp=2030-01-02 03:04:05&version=1.0
                """#,
            signature: #"""
                ntGI3jjcncJHVxLbyfsqhkRsCmN1pC+cAVFzrUa3CjQOR8g8XwCoE8IM4lz/SLLhe7lDNJ/0Q4S7I+204R3/HRIe22\#
                vFDTL79VS2QZqpd+0NO/iXZ9PzcEoeqRPi6N/PRvAYiTVj5kAqHGBK6gZ5IPueuZl75I3L1u6LLDOD9W9PUvw/vwdm\#
                mJpm4c3StR+grd6rfqZ59P5luTiYX3wGiWiBN5oQ8AiPj0aj6cVEdiMvH+Tk9c51Q2lSkbRTeFcBA1Hne5YzSrZ2aI\#
                sQ9eN+dkh/8maT0LtIiXUjl92x6IiMqHfKT/N0ePQjFpsTjw1ElvDzgdGS5tsWLX3/AOabNA==
                """#),
    ]
}
